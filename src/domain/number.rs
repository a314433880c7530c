//! Numbers as people read them. A leaf.

/// A number with its thousands apart: `12,345`.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number with its noun: `1 call`, `2,000 calls`.
pub fn of(number: u64, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", thousands(number))
}

/// A size in bytes: `812 B`, `3.4 MB`, `12 GB`; a unit is a thousand of the
/// one below.
pub fn bytes(number: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if number < 1_000 {
        return format!("{number} B");
    }
    let (mut tenths, mut at) = (number / 100, 0);
    while tenths >= 10_000 && at + 1 < UNITS.len() {
        tenths /= 1_000;
        at += 1;
    }
    if tenths < 100 {
        format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[at])
    } else {
        format!("{} {}", thousands(tenths / 10), UNITS[at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_two_figures_or_more() {
        let sizes = [999, 1_000, 9_999, 12_345, 3_400_000, 5_000_000_000];
        let said = ["999 B", "1.0 kB", "9.9 kB", "12 kB", "3.4 MB", "5.0 GB"];
        assert_eq!(sizes.map(bytes), said);
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(thousands(999), "999");
        assert_eq!(
            (of(1, "call"), of(1_000, "row")),
            ("1 call".into(), "1,000 rows".into())
        );
    }
}

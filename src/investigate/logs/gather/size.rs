//! Sizes in classes: histograms that every engine fills alike. A leaf.

/// A size to a quarter of its power of two: `(length in bits) * 4` and the two
/// bits below the first. Whole numbers alone, so every engine agrees.
pub const fn size_class(size: u64) -> u16 {
    let length = 64 - size.leading_zeros();
    let below = if length >= 3 {
        (size >> (length - 3)) & 3
    } else {
        0
    };
    #[expect(clippy::cast_possible_truncation, reason = "at most 64 * 4 + 3 - 1")]
    let class = (length * 4) as u16 + below as u16;
    class
}

/// The largest size of a class; the reverse of [`size_class`].
pub const fn size_within(class: u16) -> u64 {
    let (length, below) = ((class / 4) as u32, (class % 4) as u64);
    match length {
        0 => 0,
        1 => 1,
        2 => 3,
        _ => {
            let step = 1_u64 << (length - 3);
            (4 + below) * step + (step - 1)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_lies_in_its_class() {
        let mut sizes: Vec<u64> = (0..5_000).collect();
        sizes.extend([u64::MAX, u64::MAX / 3, 1 << 40]);
        for size in sizes {
            let top = size_within(size_class(size));
            assert!(top >= size, "{size} {top}");
            assert_eq!(size_class(top), size_class(size), "{size}");
            assert!(top <= size.saturating_add(size / 4 + 1), "{size} {top}");
        }
    }
}

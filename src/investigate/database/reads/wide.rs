//! From how many rows a call on a read is wide, and of how many tenants. A sign of its own, such as a
//! known page size, would be added here.

/// Fewer rows a call than this are a page, not a wide read, in a table that
/// is larger than one.
const WIDE: u64 = 1_000;

/// The rows a call that are more than a page of one's own: at least 1,000,
/// five times the largest tenant's and a fifth of the table; or nearly the
/// whole of a table, when no tenant has as many; or half of it, when that is
/// three times what the largest tenant is known to have.
pub fn wide_from(table: Option<u64>, tenant: Option<u64>) -> u64 {
    let tenant = tenant.unwrap_or(0);
    let table = table.unwrap_or(0);
    let mut from = WIDE.max(5 * tenant).max(table / 5);
    if table > 1 {
        from = from.min((table - table / 10).max(tenant + 1));
        if tenant > 0 {
            from = from.min((3 * tenant).max(table / 2));
        }
    }
    from
}

/// The tenants whose rows a call must have held at least, from two on, when
/// the largest has so many.
pub fn tenants(per_call: u64, largest: Option<u64>) -> Option<u64> {
    let largest = largest.filter(|largest| *largest > 0)?;
    Some(per_call.div_ceil(largest)).filter(|tenants| *tenants > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_is_more_than_a_page_of_ones_own() {
        let wide = |per_call, table, tenant| per_call >= wide_from(table, tenant);
        assert!(!wide(999, Some(100_000), None));
        assert!(!wide(1_000, Some(100_000), None));
        assert!(wide(20_000, Some(100_000), Some(4_000)));
        assert!(!wide(20_000, Some(100_000), Some(4_001)));
        assert!(wide(160, Some(160), Some(80)));
        assert!(wide(6_000, Some(6_000), Some(1_300)), "a few large tenants");
        assert!(!wide(1_300, Some(6_000), Some(1_300)));
        assert!(wide(300, Some(400), Some(90)), "several tenants at once");
        assert!(!wide(260, Some(400), Some(90)) && !wide(200, Some(400), None));
        assert!(!wide(80, Some(160), Some(80)));
        assert!(!wide(160, Some(160), Some(160)), "one tenant has it all");
        assert!(!wide(1, Some(1), None) && !wide(0, Some(0), None));
        assert!(wide(1_000, None, None));
    }

    #[test]
    fn rows_of_more_than_the_largest_are_of_several() {
        assert_eq!(tenants(160, Some(80)), Some(2));
        assert_eq!(tenants(161, Some(80)), Some(3));
        assert_eq!(tenants(80, Some(80)), None);
        assert_eq!((tenants(80, None), tenants(80, Some(0))), (None, None));
    }
}

//! What kind of object a route leads to, and one word for each kind: a path
//! says `customers`, a parameter `customer_id`, a statement `public.customers`.
//! A leaf.

use crate::investigate::logs::event::Layer;
use crate::investigate::logs::route::PARAMETER;

/// One word for a kind of object, however a log writes it.
pub fn kind(word: &str) -> String {
    let bare = word.rsplit('.').next().unwrap_or(word).trim_matches('"');
    let lower = bare.to_lowercase();
    if let Some(stem) = lower.strip_suffix("ies") {
        return format!("{stem}y");
    }
    match lower.strip_suffix('s') {
        Some(stem) if !stem.ends_with('s') && stem.len() > 1 => stem.to_owned(),
        _ => lower,
    }
}

/// Whether a kind goes by a usual name of customers.
pub fn is_customers(kind: &str) -> bool {
    ["customer", "client", "patient", "contact", "account"]
        .iter()
        .any(|word| kind.contains(word))
}

/// The word for several of a kind.
pub fn plural(kind: &str) -> String {
    if kind.is_empty() {
        "objects".to_owned()
    } else if let Some(stem) = kind.strip_suffix('y') {
        format!("{stem}ies")
    } else if kind.ends_with('s') {
        kind.to_owned()
    } else {
        format!("{kind}s")
    }
}

/// A route without its method.
pub fn path(route: &str) -> &str {
    route.split_once(' ').map_or(route, |(_, path)| path)
}

/// The kind whose id stands in a route's template.
pub fn by_id(route: &str) -> Option<String> {
    let (mut before, mut found) = ("", None);
    for segment in path(route).split('/') {
        if segment == PARAMETER {
            found = Some(before);
        } else {
            before = segment;
        }
    }
    found.map(kind)
}

/// The kind a route is named after: its last word, or a statement's table.
pub fn by_name(layer: Layer, route: &str) -> String {
    let path = path(route);
    if layer == Layer::Sql {
        return kind(path.split([' ', ',']).next().unwrap_or(path));
    }
    kind(
        path.rsplit('/')
            .find(|segment| *segment != PARAMETER)
            .unwrap_or(""),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_word_for_a_kind() {
        for word in ["customers", "Customer", "public.customers"] {
            assert_eq!(kind(word), "customer");
        }
        assert_eq!(kind("companies"), "company");
        assert_eq!(plural("company"), "companies");
        assert_eq!(kind("address"), "address");
    }

    #[test]
    fn a_route_leads_to_a_kind() {
        assert_eq!(
            by_id("GET /api/orgs/:id/customers/:id").as_deref(),
            Some("customer")
        );
        assert_eq!(
            by_id("GET /api/customers/:id/pdf").as_deref(),
            Some("customer")
        );
        assert_eq!(by_id("GET /api/customers"), None);
        assert_eq!(by_name(Layer::Http, "GET /api/customers"), "customer");
        assert_eq!(
            by_name(Layer::Sql, "SELECT customers #5f2c91ab"),
            "customer"
        );
    }
}

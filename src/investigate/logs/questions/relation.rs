//! The relation `events`: an engine's columns brought to the event of
//! [`crate::investigate::logs::event`], with the route and the object made
//! from the path as [`crate::investigate::logs::route`] makes them.
//!
//! Its columns begin with `ev_`, so that none is taken for a column of the
//! table below it.

use super::dialect::{Dialect, TimeForm};
use super::mapping::{Mapping, NUMBERS, TEXTS};
use crate::investigate::logs::event::Stamp;
use crate::investigate::logs::gather::MOST_SIZE;
use crate::investigate::logs::time::SECOND;

/// The part of time that is asked about, and the release in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// From included, to excluded.
    pub window: (Stamp, Stamp),
    pub release: Option<Stamp>,
    pub tolerance: i64,
}

/// Ids as whole segments: numbers, addresses, ULIDs.
const ID: &str = "^[0-9]+$|@|%40|^[0-7][0-9A-HJKMNP-TV-Z]{25}$";
/// Ids only when there is a digit: prefixed, hex, UUIDs.
const ID_WITH_DIGIT: &str = "^[a-z_]{2,16}_[0-9A-Za-z]{3,}$|^[0-9a-fA-F]{16,}$|^[0-9a-fA-F-]{8}-[0-9a-fA-F-]{4}-[0-9a-fA-F-]{4}-[0-9a-fA-F-]{4}-[0-9a-fA-F-]{12}$";
// A bracket is escaped and not put into a class of its own: Trino's patterns
// take it for the beginning of another class there.
const PARAMETER: &str = "^(\\[.*\\]|[{].*[}]|<.*>|:.+)$";
const GROUP: &str = "^[(].*[)]$";
const KEYED: &str = "^(id|uuid|[^=]*_id|[^=]*Id)=";
const FILES: &str = "[.](js|css|png|svg|ico|woff|woff2|jpg|jpeg|webp|gif|map|ttf|avif)$";
/// The words of caches that kept an answer, in small letters.
const STORED: &str =
    "^(hit|stale|revalidated|prerender|refreshhit|updating|redirect_hit|originshieldhit|cached)$";
const NOT_REPEATED: [&str; 4] = ["path", "route", "query", "cache"];

/// Events as `WITH .. events AS (..)`, to be followed by a `SELECT`.
pub fn events(sql: &dyn Dialect, mapping: &Mapping, bounds: &Bounds) -> String {
    format!(
        "WITH raw AS (\n{}\n), cut AS (\n{}\n), shaped AS (\n{}\n), events AS (\n{}\n)",
        raw(sql, mapping, bounds),
        cut(sql),
        shaped(sql),
        told(sql, bounds)
    )
}

/// The columns of the table as texts and numbers, within the window.
pub fn raw(sql: &dyn Dialect, mapping: &Mapping, bounds: &Bounds) -> String {
    let mut columns = vec![format!("{} AS rw_ts", at(sql, mapping))];
    for name in TEXTS {
        let value = match &mapping.column(sql, name) {
            Some(value) if *name == "key" => shown_key(sql, &sql.text(value)),
            Some(value) => sql.text(value),
            None if *name == "layer" => sql.literal("http"),
            None => sql.literal(""),
        };
        columns.push(format!("{value} AS rw_{name}"));
    }
    for name in NUMBERS {
        let value = match &mapping.column(sql, name) {
            Some(value) => sql.integer(value),
            None => sql.integer("NULL"),
        };
        columns.push(format!("{value} AS rw_{name}"));
    }
    over(sql, mapping, bounds, &columns)
}

/// The time of an event in nanoseconds.
pub fn at(sql: &dyn Dialect, mapping: &Mapping) -> String {
    sql.nanos(&mapping.moment(sql), mapping.time.form)
}

/// Some columns of the table's events within the window.
pub fn over(sql: &dyn Dialect, mapping: &Mapping, bounds: &Bounds, columns: &[String]) -> String {
    let time = &mapping.time;
    let (from, to) = bounds.window;
    let column = mapping.moment(sql);
    let mut filter = format!(
        "{column} >= {} AND {column} < {}",
        sql.instant(from, time.form),
        sql.instant(to, time.form),
    );
    if let Some(order) = &mapping.time.order {
        // A whole second on either side, since it is cut to seconds.
        filter.push_str(&format!(
            " AND {order} >= {} AND {order} <= {}",
            sql.instant(from.saturating_sub(SECOND), TimeForm::Native),
            sql.instant(to.saturating_add(SECOND), TimeForm::Native),
        ));
    }
    if let Some(more) = &mapping.filter {
        filter.push_str(&format!(" AND ({more})"));
    }
    format!(
        "SELECT {}\nFROM {}\nWHERE {filter}",
        columns.join(",\n  "),
        mapping.from
    )
}

/// Keys that may be whole secrets: what is longer than this is cut, as the
/// scan cuts it.
const WHOLE_KEY: &str = "^(sk_|rk_|pk_|sb_|whsec_|eyJ|key_)|^.{33}";

fn shown_key(sql: &dyn Dialect, value: &str) -> String {
    let whole = sql.matches(value, WHOLE_KEY);
    let cut = sql.extract(value, "^(.{0,12})");
    format!("CASE WHEN {whole} THEN {cut} ELSE {value} END")
}

fn is_id(sql: &dyn Dialect, part: &str) -> String {
    format!(
        "({} OR ({} AND {}))",
        sql.matches(part, ID),
        sql.matches(part, ID_WITH_DIGIT),
        sql.matches(part, "[0-9]")
    )
}

/// Paths with a `?` before each id, templates in our form, the pairs of a
/// query that name an object. A path holds no `?` of its own.
fn cut(sql: &dyn Dialect) -> String {
    let mut columns = vec![
        "rw_ts".to_owned(),
        "rw_path".to_owned(),
        "rw_route".to_owned(),
    ];
    let others = TEXTS.iter().chain(NUMBERS);
    let others = others.filter(|name| !NOT_REPEATED.contains(name));
    columns.extend(others.map(|name| format!("rw_{name}")));
    let some = |part: &str| format!("{part} <> ''");
    let marked = sql.each("rw_path", '/', &some, &|part| {
        let id = sql.concat(&[&sql.literal("?"), part]);
        format!("CASE WHEN {} THEN {id} ELSE {part} END", is_id(sql, part))
    });
    let kept = |part: &str| format!("{part} <> '' AND NOT {}", sql.matches(part, GROUP));
    let canonical = sql.each("rw_route", '/', &kept, &|part| {
        let parameter = sql.matches(part, PARAMETER);
        format!(
            "CASE WHEN {parameter} OR {} THEN ':id' ELSE {part} END",
            is_id(sql, part)
        )
    });
    let named = |pair: &str| {
        let value = sql.replace(pair, "^[^=]*=(?:eq[.])?", "");
        format!("{} AND {}", sql.matches(pair, KEYED), is_id(sql, &value))
    };
    let pairs = sql.each("rw_query", '&', &named, &ToOwned::to_owned);
    columns.push(format!("{marked} AS ct_path"));
    columns.push(format!("{canonical} AS ct_route"));
    columns.push(format!("{pairs} AS ct_pairs"));
    let static_file = format!(
        "{} OR {}",
        sql.matches("rw_path", "^/_next/(static/|image)"),
        sql.matches("rw_path", FILES)
    );
    columns.push(format!(
        "CASE WHEN {static_file} THEN 1 ELSE 0 END AS ct_bundle"
    ));
    let stored = sql.matches("lower(rw_cache)", STORED);
    columns.push(format!("CASE WHEN {stored} THEN 1 ELSE 0 END AS ct_stored"));
    format!("SELECT {}\nFROM raw", columns.join(",\n  "))
}

// Patterns are held at the end of the text, never begun with `^.*`: ClickHouse
// drops that, and then finds the first where the last is meant.
fn shaped(sql: &dyn Dialect) -> String {
    let template = format!(
        "CASE WHEN rw_route <> '' THEN ct_route WHEN {} THEN '/_next/static/*' WHEN {} THEN '/_next/image' WHEN ct_bundle = 1 THEN '/*.static' ELSE {} END",
        sql.matches("rw_path", "^/_next/static/"),
        sql.matches("rw_path", "^/_next/image"),
        sql.replace("ct_path", "/[?][^/]*", "/:id"),
    );
    let in_path = format!("ct_bundle = 0 AND {}", sql.matches("ct_path", "/[?]"));
    let object = format!(
        "CASE WHEN rw_object <> '' THEN rw_object WHEN {in_path} THEN {} ELSE {} END",
        sql.extract("ct_path", "/[?]([^/]*)(?:/[^/?][^/]*)*$"),
        sql.extract("ct_pairs", "^&[^=&]*=(?:eq[.])?([^&]*)"),
    );
    let kind = format!(
        "CASE WHEN rw_object <> '' THEN rw_object_kind WHEN {in_path} THEN {} WHEN {} THEN {} ELSE {} END",
        sql.extract("ct_path", "/([^/?][^/]*)(?:/[?][^/]*)+(?:/[^/?][^/]*)*$"),
        // A bare `id` is one of what the path is named after.
        sql.matches("ct_pairs", "^&(id|uuid)="),
        sql.extract("ct_path", "/([^/?][^/]*)$"),
        sql.extract("ct_pairs", "^&([^=&]*?)(?:_id|Id)="),
    );
    let truth = |name: &str| {
        let yes = sql.matches(&format!("lower(rw_{name})"), "^(1|t|true|yes)$");
        format!("CASE WHEN {yes} THEN 1 ELSE 0 END")
    };
    let size = |name: &str| {
        format!(
            "CASE WHEN rw_{name} > {MOST_SIZE} THEN {MOST_SIZE} WHEN rw_{name} >= 0 THEN rw_{name} ELSE NULL END"
        )
    };
    let agent = sql.extract("rw_agent", "^([^/ (;]{0,40})");
    format!(
        "SELECT rw_ts, rw_layer, rw_user, rw_email, rw_key, rw_db_role, rw_role, rw_actor_tenant, rw_tenant, rw_client, rw_method, rw_deployment, rw_status, ct_stored, rw_path,
  {template} AS sh_template,
  {object} AS sh_object,
  {kind} AS sh_kind,
  {} AS sh_shared,
  {} AS sh_marked,
  {} AS sh_rows,
  {} AS sh_bytes,
  {agent} AS sh_agent
FROM cut",
        truth("shared"),
        truth("bypass_mark"),
        size("rows"),
        size("bytes"),
    )
}

/// The last step: whose power, which class of outcome, which period.
fn told(sql: &dyn Dialect, bounds: &Bounds) -> String {
    let is_static = format!(
        "(({} AND length(rw_path) > 1) OR {})",
        sql.matches("sh_template", "[*]$"),
        sql.matches("sh_template", "[*][.]static$"),
    );
    let period = match bounds.release {
        None => "2".to_owned(),
        Some(release) => format!(
            "CASE WHEN rw_ts < {} THEN 0 WHEN rw_ts > {} THEN 2 ELSE 1 END",
            release - bounds.tolerance,
            release + bounds.tolerance
        ),
    };
    let route = sql.concat(&["rw_method", "' '", "sh_template"]);
    format!(
        "SELECT rw_ts AS ev_ts, rw_layer AS ev_layer,
  CASE WHEN {is_static} THEN 4 WHEN rw_user <> '' OR rw_email <> '' THEN 0 WHEN rw_key <> '' THEN 1 WHEN rw_db_role <> '' THEN 2 WHEN rw_client <> '' THEN 3 ELSE 4 END AS ev_kind,
  CASE WHEN {is_static} THEN '' WHEN rw_user <> '' THEN rw_user WHEN rw_email <> '' THEN rw_email WHEN rw_key <> '' THEN rw_key WHEN rw_db_role <> '' THEN rw_db_role ELSE rw_client END AS ev_who,
  rw_role AS ev_role, rw_actor_tenant AS ev_home, rw_tenant AS ev_tenant, rw_client AS ev_client, sh_agent AS ev_agent,
  CASE WHEN rw_method = '' THEN sh_template ELSE {route} END AS ev_route,
  sh_kind AS ev_thing, sh_object AS ev_object, rw_deployment AS ev_deployment,
  CASE WHEN rw_status BETWEEN 200 AND 299 OR rw_status = 304 THEN 0 WHEN rw_status IN (401, 403) THEN 1 WHEN rw_status IN (404, 410) THEN 2 ELSE 3 END AS ev_class,
  {period} AS ev_period, sh_rows AS ev_rows, sh_bytes AS ev_bytes,
  ct_stored AS ev_stored, sh_shared AS ev_shared, sh_marked AS ev_marked
FROM shaped"
    )
}

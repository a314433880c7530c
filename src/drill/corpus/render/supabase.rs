//! Supabase's `edge_logs`: the gateway in front of `PostgREST`, in the old
//! nested shape and in the new one with dotted keys.

use super::text::{Clock, mix, quote};
use crate::drill::corpus::hit::{Cache, Hit};
use crate::drill::corpus::model::address;
use crate::drill::corpus::routes::Way;
use crate::drill::corpus::stream::Corpus;
use std::fmt::Write as _;
use std::io::{Result, Write};

/// What the gateway sees of a request, where it sees it.
struct Call<'a> {
    path: String,
    search: String,
    user: &'a str,
    role: &'a str,
    /// Rows sent, as `content-range` has them.
    range: String,
}

fn call<'a>(corpus: &'a Corpus, hit: &Hit) -> Option<Call<'a>> {
    let route = hit.way.route();
    if route.table.is_empty() || hit.cache == Cache::Hit {
        return None;
    }
    let named = corpus.named(hit);
    let search = match (hit.way, hit.object()) {
        (Way::CustomerInvoices | Way::Notes, id) => format!("?select=*&customer_id=eq.{id}"),
        (_, "") => format!(
            "?select=*&org_id=eq.{}&limit=25",
            corpus.model.orgs[hit.org]
        ),
        (_, id) => format!("?select=*&id=eq.{id}"),
    };
    let range = match hit.rows {
        Some(rows) if hit.is_ok() && rows > 0 => format!("0-{}/*", rows - 1),
        _ => "*/*".to_owned(),
    };
    Some(Call {
        path: format!("/rest/v1/{}", route.table),
        search,
        user: named.map_or("", |user| &user.uuid),
        role: if named.is_some() {
            "authenticated"
        } else {
            "anon"
        },
        range,
    })
}

/// The old shape: nested arrays, microseconds.
pub fn old(corpus: &Corpus, out: &mut dyn Write) -> Result<()> {
    for hit in &corpus.hits {
        let Some(call) = call(corpus, hit) else {
            continue;
        };
        let mut line = String::with_capacity(900);
        head(hit, &call, &mut line);
        let _ = write!(
            line,
            ",\"timestamp\":{},\"metadata\":[{{\"request\":[{{\"cf\":[{{\"country\":\"US\"}}],\"headers\":[{{\"cf_connecting_ip\":\"{}\",\"cf_ray\":\"{:016x}\",\"user_agent\":",
            hit.at / 1_000,
            address(hit.client),
            mix(hit.serial)
        );
        quote(&mut line, hit.agent);
        let _ = write!(
            line,
            "}}],\"host\":\"abcdefghijklmnop.supabase.co\",\"method\":\"{}\",\"path\":\"{}\",\"search\":\"{}\",\"sb\":[{{\"auth_user\":",
            hit.way.route().method,
            call.path,
            call.search
        );
        if call.user.is_empty() {
            line.push_str("null");
        } else {
            quote(&mut line, call.user);
        }
        let _ = writeln!(
            line,
            ",\"jwt\":[{{\"authorization\":[{{\"payload\":[{{\"role\":\"{}\"}}]}}]}}],\"apikey\":[{{\"apikey\":[{{\"prefix\":\"eyJhbGciOi\"}}]}}]}}]}}],\"response\":[{{\"status_code\":{},\"origin_time\":{},\"headers\":[{{\"content_range\":\"{}\",\"content_length\":\"{}\",\"cf_cache_status\":\"DYNAMIC\"}}]}}]}}]}}",
            call.role, hit.status, hit.took_ms, call.range, hit.bytes
        );
        out.write_all(line.as_bytes())?;
    }
    Ok(())
}

/// The new shape: a row of `logs` with dotted attributes, all of them texts.
pub fn new(corpus: &Corpus, out: &mut dyn Write) -> Result<()> {
    for hit in &corpus.hits {
        let Some(call) = call(corpus, hit) else {
            continue;
        };
        let mut line = String::with_capacity(900);
        head(hit, &call, &mut line);
        let clock = Clock::new(hit.at);
        let _ = write!(
            line,
            ",\"timestamp\":\"{}T{}.{:03}000\",\"severity_text\":\"INFO\",\"source\":\"edge_logs\",\"log_attributes\":{{",
            clock.date(),
            clock.time(),
            clock.ms
        );
        let status = hit.status.to_string();
        let bytes = hit.bytes.to_string();
        let client = address(hit.client);
        let ray = format!("{:016x}", mix(hit.serial));
        let mut attributes = vec![
            ("request.method", hit.way.route().method),
            ("request.path", &call.path),
            ("request.search", &call.search),
            ("request.headers.cf_connecting_ip", &client),
            ("request.headers.cf_ray", &ray),
            ("request.headers.user_agent", hit.agent),
            ("request.sb.jwt.authorization.payload.role", call.role),
            ("request.sb.apikey.apikey.prefix", "sb_publishable_4x"),
            ("response.status_code", &status),
            ("response.headers.content_range", &call.range),
            ("response.headers.content_length", &bytes),
            ("response.headers.cf_cache_status", "DYNAMIC"),
        ];
        if !call.user.is_empty() {
            attributes.push(("request.sb.auth_user", call.user));
        }
        for (at, (key, value)) in attributes.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            let _ = write!(line, "{comma}\"{key}\":");
            quote(&mut line, value);
        }
        line.push_str("}}\n");
        out.write_all(line.as_bytes())?;
    }
    Ok(())
}

fn head(hit: &Hit, call: &Call<'_>, line: &mut String) {
    let parts = [mix(hit.serial), mix(hit.serial ^ 3)];
    let _ = write!(
        line,
        "{{\"id\":\"{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}\",\"event_message\":",
        parts[0] >> 32,
        parts[0] & 0xFFFF,
        parts[0] >> 16 & 0xFFF,
        parts[1] >> 52,
        parts[1] & 0xFFFF_FFFF_FFFF
    );
    let told = format!(
        "{} | {} | {} | {}{}",
        hit.way.route().method,
        hit.status,
        address(hit.client),
        call.path,
        call.search
    );
    quote(line, &told);
}

//! What a program's own logger writes: pino, logfmt, and OpenTelemetry's JSON
//! as its collector's file exporter has it.

use super::text::{mix, quote, url};
use crate::drill::corpus::hit::{Cache, Hit};
use crate::drill::corpus::model::address;
use crate::drill::corpus::stream::Corpus;
use std::fmt::Write as _;
use std::io::{Result, Write};

const MS: i64 = 1_000_000;

/// Requests that reached the program: what a cache answered did not.
fn served(corpus: &Corpus) -> impl Iterator<Item = &Hit> {
    corpus.hits.iter().filter(|hit| hit.cache == Cache::Miss)
}

/// pino with its HTTP logger, in epoch milliseconds.
pub fn pino(corpus: &Corpus, out: &mut dyn Write) -> Result<()> {
    for hit in served(corpus) {
        let mut line = String::with_capacity(500);
        let level = match hit.status {
            500.. => 50,
            400..=499 => 40,
            _ => 30,
        };
        let _ = write!(
            line,
            "{{\"level\":{level},\"time\":{},\"pid\":17,\"hostname\":\"web-1\",\"reqId\":\"{:016x}\",\"req\":{{\"id\":{},\"method\":\"{}\",\"url\":",
            hit.at / MS,
            mix(hit.serial),
            hit.serial,
            hit.way.route().method
        );
        quote(&mut line, &url(&hit.path, &hit.query));
        line.push_str(",\"headers\":{\"host\":\"app.example.com\",\"user-agent\":");
        quote(&mut line, hit.agent);
        let _ = write!(line, "}},\"remoteAddress\":\"{}\"}},", address(hit.client));
        if let Some(user) = corpus.named(hit) {
            let _ = write!(
                line,
                "\"userId\":\"{}\",\"role\":\"{}\",\"orgId\":\"{}\",",
                user.id,
                user.role.word(),
                corpus.model.orgs[user.org]
            );
        }
        if let Some(rows) = hit.rows {
            let _ = write!(line, "\"rows\":{rows},");
        }
        if !hit.printed.is_empty() {
            line.push_str("\"err\":{\"type\":\"Error\",\"message\":");
            quote(&mut line, &hit.printed);
            line.push_str(",\"stack\":\"Error\\n    at webhook (route.js:41:11)\"},");
        }
        let _ = writeln!(
            line,
            "\"res\":{{\"statusCode\":{},\"headers\":{{\"content-length\":\"{}\"}}}},\"responseTime\":{},\"msg\":\"request completed\"}}",
            hit.status, hit.bytes, hit.took_ms
        );
        out.write_all(line.as_bytes())?;
    }
    Ok(())
}

/// Keys and values on a line.
pub fn logfmt(corpus: &Corpus, out: &mut dyn Write) -> Result<()> {
    for hit in served(corpus) {
        let mut line = String::with_capacity(300);
        let clock = super::text::Clock::new(hit.at);
        let _ = write!(
            line,
            "time={} level=info msg=\"request done\" method={} path={} status={} bytes={} duration={}ms client_ip={} request_id={:016x}",
            clock.iso(),
            hit.way.route().method,
            hit.path,
            hit.status,
            hit.bytes,
            hit.took_ms,
            address(hit.client),
            mix(hit.serial)
        );
        if !hit.query.is_empty() {
            line.push_str(" query=");
            quote(&mut line, &hit.query);
        }
        if let Some(user) = corpus.named(hit) {
            let _ = write!(
                line,
                " user_id={} role={} org_id={}",
                user.id,
                user.role.word(),
                corpus.model.orgs[user.org]
            );
        }
        if let Some(rows) = hit.rows {
            let _ = write!(line, " rows={rows}");
        }
        if !hit.printed.is_empty() {
            line.push_str(" error=");
            quote(&mut line, &hit.printed);
        }
        line.push_str(" cached=false\n");
        out.write_all(line.as_bytes())?;
    }
    Ok(())
}

/// Log records in batches, as the collector writes them.
pub fn otlp(corpus: &Corpus, out: &mut dyn Write) -> Result<()> {
    let served: Vec<&Hit> = served(corpus).collect();
    for batch in served.chunks(24) {
        let mut line = String::from(
            "{\"resourceLogs\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":\"web\"}}]},\"scopeLogs\":[{\"scope\":{\"name\":\"http\"},\"logRecords\":[",
        );
        for (at, hit) in batch.iter().enumerate() {
            if at > 0 {
                line.push(',');
            }
            otlp_record(corpus, hit, &mut line);
        }
        line.push_str("]}]}]}\n");
        out.write_all(line.as_bytes())?;
    }
    Ok(())
}

fn otlp_record(corpus: &Corpus, hit: &Hit, line: &mut String) {
    // A record without a time of its own has the collector's.
    let own = if hit.serial.is_multiple_of(7) {
        0
    } else {
        hit.at
    };
    let _ = write!(
        line,
        "{{\"timeUnixNano\":\"{own}\",\"observedTimeUnixNano\":\"{}\",\"severityNumber\":9,\"severityText\":\"INFO\",\"body\":{{\"stringValue\":",
        hit.at
    );
    let body = if hit.printed.is_empty() {
        "request"
    } else {
        &hit.printed
    };
    quote(line, body);
    line.push_str("},\"attributes\":[");
    let mut texts = vec![
        ("http.request.method", hit.way.route().method.to_owned()),
        ("url.path", hit.path.clone()),
        ("client.address", address(hit.client)),
        ("user_agent.original", hit.agent.to_owned()),
    ];
    if !hit.query.is_empty() {
        texts.push(("url.query", hit.query.clone()));
    }
    if let Some(user) = corpus.named(hit) {
        texts.push(("user.id", user.uuid.clone()));
        texts.push(("user.roles", user.role.word().to_owned()));
        texts.push(("organization.id", corpus.model.orgs[user.org].clone()));
    }
    for (key, value) in &texts {
        let _ = write!(line, "{{\"key\":\"{key}\",\"value\":{{\"stringValue\":");
        quote(line, value);
        line.push_str("}},");
    }
    let mut numbers = vec![("http.response.body.size", hit.bytes)];
    numbers.extend(hit.rows.map(|rows| ("db.response.returned_rows", rows)));
    for (key, value) in numbers {
        let _ = write!(
            line,
            "{{\"key\":\"{key}\",\"value\":{{\"intValue\":\"{value}\"}}}},"
        );
    }
    let _ = write!(
        line,
        "{{\"key\":\"http.response.status_code\",\"value\":{{\"intValue\":\"{}\"}}}}],\"traceId\":\"{:016x}{:016x}\",\"spanId\":\"{:016x}\"}}",
        hit.status,
        mix(hit.serial),
        mix(hit.serial ^ 1),
        mix(hit.serial ^ 2)
    );
}

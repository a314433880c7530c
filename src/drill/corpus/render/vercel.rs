//! Vercel's log drain: a line for the request, and lines the program printed,
//! in which its own JSON names the person. Delivered at least once, and only
//! about in order.

use super::text::{Queue, mix, quote, url};
use crate::drill::corpus::dice::Dice;
use crate::drill::corpus::hit::{Cache, Hit};
use crate::drill::corpus::model::address;
use crate::drill::corpus::routes::Way;
use crate::drill::corpus::stream::Corpus;
use std::fmt::Write as _;
use std::io::{Result, Write};

const MS: i64 = 1_000_000;

/// Writes the drain's lines.
pub fn write(corpus: &Corpus, out: &mut dyn Write) -> Result<()> {
    let mut dice = Dice::new(corpus.seed, "vercel");
    let mut queue = Queue::default();
    for hit in &corpus.hits {
        queue.until(hit.at, out)?;
        let mut lines = vec![request(corpus, hit)];
        lines.extend(console(corpus, hit));
        for line in lines {
            let late = |ms: u64| i64::try_from(ms).unwrap_or(0) * MS;
            let due = hit.at + late(hit.took_ms + dice.below(1_500));
            if dice.chance(4) {
                queue.put(due + late(dice.between(400, 20_000)), line.clone());
            }
            queue.put(due, line);
        }
    }
    queue.finish(out)
}

/// The source a line has.
const fn source(hit: &Hit) -> &'static str {
    match (hit.way, hit.cache) {
        (Way::Static, _) | (_, Cache::Hit) => "static",
        (_, Cache::Miss) if hit.status == 307 => "redirect",
        _ => "lambda",
    }
}

fn head(corpus: &Corpus, hit: &Hit, part: u64, at: i64, line: &mut String) {
    let number = mix(hit.serial * 8 + part);
    let deployment = if hit.at < corpus.options.release {
        "dpl_5WxQvD7nTtRpJ2bK4mYc8LhZs1Ae"
    } else {
        "dpl_9RkHc3VfUuGq6yN1pXw0TbMjE7Zd"
    };
    let _ = write!(
        line,
        "{{\"id\":\"{}{number:020}\",\"deploymentId\":\"{deployment}\",\"source\":\"{}\",\"host\":\"app.example.com\",\"timestamp\":{at},\"projectId\":\"prj_Ee2Jr8mVx1QbWc6HtZk0SyNuAf4L\",",
        hit.at / MS,
        source(hit),
    );
}

fn tail(hit: &Hit, line: &mut String) {
    let _ = write!(
        line,
        "\"requestId\":\"iad1::{}-{}-{:012x}\",\"environment\":\"production\",\"branch\":\"main\"",
        ["pdx1", "iad1", "fra1"][usize::try_from(hit.serial % 3).unwrap_or(0)],
        hit.at / MS,
        mix(hit.serial) >> 16
    );
}

fn request(corpus: &Corpus, hit: &Hit) -> String {
    let mut line = String::with_capacity(900);
    head(corpus, hit, 0, hit.at / MS, &mut line);
    let route = hit.way.route();
    let shape = if route.template.is_empty() {
        "/404"
    } else {
        route.template
    };
    let level = if hit.status >= 500 { "error" } else { "info" };
    let _ = write!(line, "\"level\":\"{level}\",\"message\":");
    if source(hit) == "lambda" {
        let id = mix(hit.serial ^ 0xA5A5);
        let told = format!(
            "START RequestId: {id:016x}\nEND RequestId: {id:016x}\nREPORT RequestId: {id:016x} Duration: {} ms Billed Duration: {} ms Memory Size: 1024 MB Max Memory Used: 142 MB",
            hit.took_ms,
            hit.took_ms + 1
        );
        quote(&mut line, &told);
    } else {
        quote(&mut line, "");
    }
    let _ = write!(
        line,
        ",\"path\":\"{shape}\",\"entrypoint\":\"{}\",\"statusCode\":{},",
        shape.trim_start_matches('/'),
        hit.status
    );
    tail(hit, &mut line);
    let cache = match (hit.cache, hit.way) {
        (Cache::Hit, Way::PricingPage) => "PRERENDER",
        (Cache::Hit, _) => "HIT",
        (Cache::Miss, _) => "MISS",
    };
    let _ = write!(
        line,
        ",\"ja4Digest\":\"t13d1516h2_8daaf6152771_02713d6af862\",\"executionRegion\":\"iad1\",\"proxy\":{{\"timestamp\":{},\"method\":\"{}\",\"host\":\"app.example.com\",\"path\":",
        hit.at / MS,
        route.method
    );
    quote(&mut line, &url(&hit.path, &hit.query));
    line.push_str(",\"userAgent\":[");
    quote(&mut line, hit.agent);
    let _ = writeln!(
        line,
        "],\"referer\":\"https://app.example.com/\",\"region\":\"iad1\",\"clientIp\":\"{}\",\"scheme\":\"https\",\"statusCode\":{},\"responseByteSize\":{},\"cacheId\":\"{:012x}\",\"pathType\":\"{}\",\"vercelId\":\"iad1::{:012x}\",\"vercelCache\":\"{cache}\",\"lambdaRegion\":\"iad1\"}}}}",
        address(hit.client),
        hit.status,
        hit.bytes,
        mix(hit.way as u64) >> 16,
        if hit.way == Way::Static {
            "static"
        } else {
            "func"
        },
        mix(hit.serial) >> 16
    );
    line
}

/// What the program printed about the request.
fn console(corpus: &Corpus, hit: &Hit) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(user) = corpus.named(hit) {
        let word = match hit.status {
            401 | 403 => "forbidden",
            404 => "not found",
            500.. => "failed",
            _ => "served",
        };
        let level = if hit.status < 400 { "info" } else { "warn" };
        let mut told = format!(
            "{{\"level\":\"{level}\",\"msg\":\"{word}\",\"userId\":\"{}\",\"role\":\"{}\",\"orgId\":\"{}\"",
            user.id,
            user.role.word(),
            corpus.model.orgs[user.org]
        );
        if let Some(customer) = hit.customer {
            let id = &corpus.model.customers[customer].id;
            let _ = write!(told, ",\"customerId\":\"{id}\"");
        }
        if let Some(rows) = hit.rows {
            let _ = write!(told, ",\"rows\":{rows}");
        }
        let _ = writeln!(told, ",\"ms\":{}}}", hit.took_ms);
        lines.push(printed(corpus, hit, 1, level, &told));
    }
    if !hit.printed.is_empty() {
        lines.push(printed(corpus, hit, 2, "error", &hit.printed));
    }
    lines
}

fn printed(corpus: &Corpus, hit: &Hit, part: u64, level: &str, told: &str) -> String {
    let mut line = String::with_capacity(600);
    let late = hit.took_ms.min(40) / 2;
    let at = hit.at / MS + i64::try_from(late).unwrap_or(0);
    head(corpus, hit, part, at, &mut line);
    let stream = if level == "error" { "stderr" } else { "stdout" };
    let _ = write!(line, "\"level\":\"{level}\",\"message\":");
    quote(&mut line, told);
    let template = hit.way.route().template;
    let _ = write!(
        line,
        ",\"type\":\"{stream}\",\"path\":\"{template}\",\"entrypoint\":\"{}\",",
        template.trim_start_matches('/')
    );
    tail(hit, &mut line);
    line.push_str(",\"executionRegion\":\"iad1\"}\n");
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drill::corpus::options::Options;

    #[test]
    fn every_line_is_json_and_some_come_twice() {
        let options = Options {
            requests: 600,
            ..Options::default()
        };
        let corpus = Corpus::new(3, &options);
        let mut out = Vec::new();
        write(&corpus, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let mut ids = std::collections::BTreeSet::new();
        let mut twice = 0;
        for line in text.lines() {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            twice += usize::from(!ids.insert(value["id"].as_str().unwrap().to_owned()));
        }
        assert!(ids.len() > corpus.hits.len());
        assert!(twice > 0);
    }
}

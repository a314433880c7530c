//! What stands in front of an app: a load balancer (ALB), `CloudFront`,
//! Cloudflare. None of them knows a person.

use super::text::{Clock, mix, quote, url};
use crate::drill::corpus::hit::{Cache, Hit};
use crate::drill::corpus::model::address;
use crate::drill::corpus::routes::Way;
use crate::drill::corpus::stream::Corpus;
use std::fmt::Write as _;
use std::io::{Result, Write};

const MS: i64 = 1_000_000;

fn end(hit: &Hit) -> i64 {
    hit.at + i64::try_from(hit.took_ms).unwrap_or(0) * MS
}

/// AWS's application load balancer.
pub fn alb(corpus: &Corpus, out: &mut dyn Write) -> Result<()> {
    for hit in &corpus.hits {
        let clock = Clock::new(hit.at);
        writeln!(
            out,
            "h2 {}.{:03}000Z app/web/50dc6c495c0c9188 {}:{} 10.0.1.{}:3000 0.000 {}.{:03} 0.000 {} {} {} {} \"{} https://app.example.com:443{} HTTP/2.0\" \"{}\" TLS_AES_128_GCM_SHA256 TLSv1.3 arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/web/73e2d6bc24d8a067 \"Root=1-{:08x}-{:024x}\" \"app.example.com\" \"arn:aws:acm:us-east-1:111122223333:certificate/aa\" 0 {} \"forward\" \"-\" \"-\" \"10.0.1.5:3000\" \"{}\" \"-\" \"-\" TID_{:016x}",
            format_args!("{}T{}", clock.date(), clock.time()),
            clock.ms,
            address(hit.client),
            1_024 + hit.serial % 60_000,
            hit.serial % 9,
            hit.took_ms / 1_000,
            hit.took_ms % 1_000,
            hit.status,
            hit.status,
            300 + hit.serial % 200,
            hit.bytes,
            hit.way.route().method,
            url(&hit.path, &hit.query),
            hit.agent,
            hit.at / 1_000_000_000,
            mix(hit.serial),
            clock.iso(),
            hit.status,
            mix(hit.serial ^ 9)
        )?;
    }
    Ok(())
}

/// `CloudFront`'s standard log, in which files come late and out of order.
pub fn cloudfront(corpus: &Corpus, out: &mut dyn Write) -> Result<()> {
    out.write_all(b"#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len sc-range-start sc-range-end\n")?;
    let mut hits: Vec<&Hit> = corpus.hits.iter().collect();
    hits.sort_by_key(|hit| (mix(hit.serial) % 4, hit.at));
    for hit in hits {
        let clock = Clock::new(hit.at);
        let result = match (hit.cache, hit.status) {
            (Cache::Hit, _) => "Hit",
            (Cache::Miss, 400..) => "Error",
            (Cache::Miss, _) => "Miss",
        };
        let query = if hit.query.is_empty() {
            "-"
        } else {
            &hit.query
        };
        writeln!(
            out,
            "{}\t{}\tIAD89-P1\t{}\t{}\t{}\td111111abcdef8.cloudfront.net\t{}\t{}\t-\t{}\t{query}\t-\t{result}\t{:016x}{:016x}==\tapp.example.com\thttps\t{}\t{}.{:03}\t-\tTLSv1.3\tTLS_AES_128_GCM_SHA256\t{result}\tHTTP/2.0\t-\t-\t{}\t0.{:03}\t{result}\tapplication/json\t{}\t-\t-",
            clock.date(),
            clock.time(),
            hit.bytes,
            address(hit.client),
            hit.way.route().method,
            hit.path.replace(' ', "%20"),
            hit.status,
            hit.agent.replace('%', "%25").replace(' ', "%20"),
            mix(hit.serial),
            mix(hit.serial ^ 5),
            200 + hit.serial % 300,
            hit.took_ms / 1_000,
            hit.took_ms % 1_000,
            1_024 + hit.serial % 60_000,
            hit.took_ms % 1_000,
            hit.bytes
        )?;
    }
    Ok(())
}

/// Cloudflare's Logpush of HTTP requests, in nanoseconds.
pub fn cloudflare(corpus: &Corpus, out: &mut dyn Write) -> Result<()> {
    for hit in &corpus.hits {
        let cache = match (hit.cache, hit.way) {
            (Cache::Hit, _) => "hit",
            (Cache::Miss, Way::LoginPage) => "miss",
            (Cache::Miss, _) => "dynamic",
        };
        let mut line = String::with_capacity(500);
        let _ = write!(
            line,
            "{{\"ClientIP\":\"{}\",\"ClientRequestHost\":\"app.example.com\",\"ClientRequestMethod\":\"{}\",\"ClientRequestPath\":",
            address(hit.client),
            hit.way.route().method
        );
        quote(&mut line, &hit.path);
        line.push_str(",\"ClientRequestURI\":");
        quote(&mut line, &url(&hit.path, &hit.query));
        line.push_str(",\"ClientRequestUserAgent\":");
        quote(&mut line, hit.agent);
        let _ = writeln!(
            line,
            ",\"EdgeStartTimestamp\":{},\"EdgeEndTimestamp\":{},\"EdgeResponseStatus\":{},\"EdgeResponseBytes\":{},\"CacheCacheStatus\":\"{cache}\",\"OriginResponseStatus\":{},\"RayID\":\"{:016x}\",\"WorkerSubrequest\":false,\"SecurityAction\":\"\"}}",
            hit.at,
            end(hit),
            hit.status,
            hit.bytes,
            if hit.cache == Cache::Hit {
                0
            } else {
                hit.status
            },
            mix(hit.serial)
        );
        out.write_all(line.as_bytes())?;
    }
    Ok(())
}

//! nginx's combined log: with the user's id where a proxy knows it, and plain.

use super::text::{Clock, url};
use crate::drill::corpus::hit::{Cache, Hit};
use crate::drill::corpus::model::address;
use crate::drill::corpus::stream::Corpus;
use std::io::{Result, Write};

/// With the user's id as the remote user.
pub fn named(corpus: &Corpus, out: &mut dyn Write) -> Result<()> {
    for hit in &corpus.hits {
        // A proxy reads the user from the request, also for a stored answer.
        let is_said = hit.known || hit.cache == Cache::Hit;
        let user = hit.user.filter(|_| is_said);
        let name = user.map_or("-", |user| corpus.model.users[user].id.as_str());
        line(hit, name, out)?;
    }
    Ok(())
}

/// Without any user, as most write it.
pub fn plain(corpus: &Corpus, out: &mut dyn Write) -> Result<()> {
    corpus.hits.iter().try_for_each(|hit| line(hit, "-", out))
}

fn line(hit: &Hit, user: &str, out: &mut dyn Write) -> Result<()> {
    let referer = if hit.user.is_some() && hit.serial.is_multiple_of(3) {
        "https://app.example.com/customers"
    } else {
        "-"
    };
    writeln!(
        out,
        "{} - {user} [{}] \"{} {} HTTP/2.0\" {} {} \"{referer}\" \"{}\"",
        address(hit.client),
        Clock::new(hit.at).access(),
        hit.way.route().method,
        url(&hit.path, &hit.query),
        hit.status,
        hit.bytes,
        hit.agent
    )
}

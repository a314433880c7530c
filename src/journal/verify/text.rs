//! The answer of `verify` as lines for a person.

use super::verdict::{Chain, Outcome, PlaybookSeen, Verdict};
use chrono::SecondsFormat;
use std::fmt::{Display, Formatter, Result};

/// Faults shown; the JSON form has them all.
const SHOWN: usize = 40;

impl Display for Verdict {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        self.incident_line(f)?;
        for writer in &self.writers {
            writer_line(writer, f)?;
        }
        let e = &self.evidence;
        writeln!(
            f,
            "evidence {} referenced, {} present, {} match",
            e.referenced, e.present, e.matching
        )?;
        self.time_lines(f)?;
        writeln!(f, "anchors  none; heads are unsigned in this version")?;
        for fault in self.faults.iter().take(SHOWN) {
            writeln!(f, "FAULT    {fault}")?;
        }
        let hidden = self.faults.len().saturating_sub(SHOWN) as u64 + self.more_faults;
        if hidden > 0 {
            writeln!(f, "FAULT    and {hidden} more")?;
        }
        self.proof_lines(f)?;
        writeln!(f, "result   {}", self.result_words())
    }
}

impl Verdict {
    fn incident_line(&self, f: &mut Formatter<'_>) -> Result {
        let Some(incident) = &self.incident else {
            return writeln!(f, "incident unknown: INCIDENT.json cannot be read");
        };
        let copy = match incident.playbook_copy {
            PlaybookSeen::Matches => "matches",
            PlaybookSeen::Differs => "DIFFERS",
            PlaybookSeen::Absent => "copy ABSENT",
        };
        writeln!(
            f,
            "incident {}  {}  playbook {} {} (pinned, {copy})",
            incident.id,
            incident.mode.word(),
            incident.playbook,
            incident.playbook_sha256.short(),
        )
    }

    fn time_lines(&self, f: &mut Formatter<'_>) -> Result {
        let time = &self.time;
        let synced = match (time.unsynced, time.entries) {
            (0, _) => "the clock followed a time server throughout".to_owned(),
            (n, all) if n == all => "nothing is known about the clock's accuracy".to_owned(),
            (n, all) => format!("clock accuracy unknown for {n} of {all} entries"),
        };
        writeln!(f, "time     {synced}")?;
        for jump in time.jumps.iter().take(SHOWN) {
            writeln!(
                f,
                "time     the clock jumped by {:+}.{:03} s, recorded at {}",
                jump.delta_ms / 1000,
                (jump.delta_ms % 1000).abs(),
                jump.at.to_rfc3339_opts(SecondsFormat::Secs, true)
            )?;
        }
        Ok(())
    }

    /// What this verdict shows, and what no look at the folder can show.
    fn proof_lines(&self, f: &mut Formatter<'_>) -> Result {
        let sound = self.exit_code() == 0 || self.exit_code() == 2;
        let proves = match &self.since {
            Some(since) if since.found && sound => format!(
                "nothing up to head {} changed since that head was kept; {} entries follow it",
                since.head, since.later
            ),
            _ if sound => {
                "no entry was altered, reordered or taken out of the middle of this folder"
                    .to_owned()
            }
            _ => "nothing about the places named above".to_owned(),
        };
        writeln!(f, "PROVES   {proves}.")?;
        let kept = if self.since.as_ref().is_some_and(|since| since.found) {
            "that nothing after that head was cut off or written anew"
        } else {
            "that nothing was cut off the end or the whole written anew (give a kept head \
             with --since)"
        };
        writeln!(
            f,
            "NOT PROVEN  that entries are true; who wrote them (unsigned); {kept}."
        )
    }

    fn result_words(&self) -> &'static str {
        match self.result {
            Outcome::Ok => "OK (unsigned)",
            Outcome::OkWithRemarks => "OK WITH REMARKS (unsigned)",
            Outcome::Incomplete => "INCOMPLETE",
            Outcome::Altered => "ALTERED",
            Outcome::Unreadable => "CANNOT BE READ",
        }
    }
}

fn writer_line(writer: &Chain, f: &mut Formatter<'_>) -> Result {
    let who = if writer.who.is_empty() {
        "nobody yet"
    } else {
        &writer.who
    };
    write!(f, "writer   {who} {}", writer.wid)?;
    match (writer.first, writer.last, &writer.head) {
        (Some(first), Some(last), Some(head)) => {
            let chain = if writer.whole { "ok" } else { "BROKEN" };
            write!(f, "  {first}..{last}  chain {chain}")?;
            write!(f, "  head {last} {} unsigned", &head[..12])?;
        }
        _ => write!(f, "  no entries")?,
    }
    for torn in writer.torn.iter().filter(|torn| torn.bytes > 0) {
        let at = torn.at.to_rfc3339_opts(SecondsFormat::Secs, true);
        write!(f, "  torn (recovered {at}, {} B kept)", torn.bytes)?;
    }
    for told in writer.torn.iter().filter(|torn| torn.bytes == 0) {
        write!(f, "  note: {}", told.reason)?;
    }
    if writer.superseded > 0 {
        write!(f, "  {} unconfirmed lines written again", writer.superseded)?;
    }
    writeln!(f)
}

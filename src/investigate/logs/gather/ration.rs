//! What a file of aggregates may ask of this machine: so many files, rows,
//! bytes and ids, and counts whose sum can't overflow.

use super::aggregates::{
    Access, Aggregates, Minute, MinuteKey, Piece, Reach, RouteUse, Seen, Spill, Statement, TENANTS,
    WALK,
};
use super::distinct::KEPT;
use super::sane::{self, Sane, times};

/// Files that are brought together.
const MOST_FILES: u32 = 1_000;
/// Rows of all tables of all files.
const MOST_ROWS: u64 = 4_000_000;
/// Bytes of all rows.
const MOST_BYTES: u64 = 2 << 30;
/// Hashes of ids in all sets together.
const MOST_IDS: usize = 4_000_000;
/// The sum of all counts; a sum of sums stays within 64 bits.
const MOST: u64 = 1 << 60;

/// What was taken so far.
#[derive(Debug, Default)]
pub(super) struct Ration {
    files: u32,
    rows: u64,
    bytes: u64,
    ids: usize,
    sum: u64,
}

impl Ration {
    pub fn next_file(&mut self) -> Sane {
        self.files += 1;
        if self.files > MOST_FILES {
            return Err(format!("more than {MOST_FILES} files at once"));
        }
        Ok(())
    }

    pub fn row(&mut self, length: usize) -> Sane {
        self.rows += 1;
        self.bytes += length as u64;
        if self.rows > MOST_ROWS || self.bytes > MOST_BYTES {
            return Err(format!(
                "more than {MOST_ROWS} rows or {} MiB in all: merge fewer files at once",
                MOST_BYTES >> 20
            ));
        }
        Ok(())
    }

    /// Sets became samples where there are too many ids in all.
    pub fn tighten(&mut self, tables: &mut Aggregates) {
        if self.ids <= MOST_IDS {
            return;
        }
        let mut most = KEPT;
        self.ids = tables.kept_ids();
        if self.ids <= MOST_IDS {
            return;
        }
        tables.cut.insert(
            "too many different ids: the largest counts of objects are estimates".to_owned(),
        );
        while self.ids > MOST_IDS / 2 && most > 16 {
            most /= 2;
            tables.tighten(most);
            self.ids = tables.kept_ids();
        }
    }

    fn count(&mut self, counts: &[u64]) -> Sane {
        for count in counts {
            self.sum = self.sum.saturating_add(*count);
        }
        if self.sum > MOST {
            return Err("its counts are larger than any log".to_owned());
        }
        Ok(())
    }

    pub fn access(&mut self, access: &Access) -> Sane {
        self.count(&access.counts)?;
        self.count(&[access.rows, access.with_rows, access.bytes])?;
        self.count(&[access.max_rows, access.max_bytes])?;
        times([access.first, access.last])
    }

    pub fn reach(&mut self, reach: &Reach) -> Sane {
        self.ids += reach.objects.kept() + reach.denied.kept();
        self.count(&[reach.objects.count(), reach.denied.count()])?;
        if reach.tenants.len() > TENANTS || reach.walk.len() > WALK {
            return Err("a row holds more than this firsthour writes".to_owned());
        }
        reach
            .walk
            .iter()
            .try_for_each(|(at, _)| times([Some(*at), None]))
    }

    pub fn route(&mut self, used: &RouteUse) -> Sane {
        self.ids += used.stored_clients.kept();
        self.count(&[used.stored_clients.count()])?;
        for class in used.rows.keys().chain(used.bytes.keys()) {
            sane::class(*class)?;
        }
        for count in used.rows.values().chain(used.bytes.values()) {
            self.count(&[*count])?;
        }
        self.count(&[used.ok, used.named, used.stored, used.shared])?;
        self.count(&[used.stored_bytes, used.marked])?;
        times([used.stored_first, used.stored_last])
    }

    pub fn minute(&mut self, key: &MinuteKey, minute: &Minute) -> Sane {
        sane::minute(key.minute)?;
        self.count(&[minute.requests, minute.ok, minute.refused])
    }

    pub fn statement(&mut self, statement: &Statement) -> Sane {
        self.count(&[statement.plans])
    }

    pub fn seen(&mut self, seen: &Seen) -> Sane {
        self.count(&[seen.requests])?;
        times([seen.first, seen.last])
    }

    pub fn spill(&mut self, spill: &Spill) -> Sane {
        self.seen(&spill.seen)
    }

    pub fn piece(&mut self, piece: &Piece) -> Sane {
        self.count(&[piece.bytes, piece.records, piece.events])?;
        self.count(&[piece.unparsed, piece.repeated])?;
        times([piece.first, piece.last])
    }
}

impl Aggregates {
    fn kept_ids(&self) -> usize {
        let reach = self.reach.values();
        let reach = reach.map(|reach| reach.objects.kept() + reach.denied.kept());
        let clients = self.routes.values().map(|used| used.stored_clients.kept());
        reach.chain(clients).sum()
    }

    fn tighten(&mut self, most: usize) {
        for reach in self.reach.values_mut() {
            reach.objects.tighten(most);
            reach.denied.tighten(most);
        }
        for used in self.routes.values_mut() {
            used.stored_clients.tighten(most);
        }
    }
}

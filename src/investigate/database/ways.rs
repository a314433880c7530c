//! What carries rows out without anybody reading a table: streams, stored
//! credentials, files, jobs and settings left behind. Rows of the queries in
//! `sql/`, like those of `snapshot.rs`, without a conclusion.

use serde::Deserialize;

/// A PostgreSQL object id, as in the snapshot.
type Oid = u32;

/// Credentials for another server that every user of it shares.
#[derive(Debug, Clone, Deserialize)]
pub struct Mapping {
    pub server: String,
    /// Watched roles that may use the server.
    pub users: Vec<Oid>,
}

/// A publication.
#[derive(Debug, Clone, Deserialize)]
pub struct Publication {
    pub name: String,
    /// Published with all tables, also future ones.
    pub everything: bool,
    pub relations: Vec<Oid>,
}

/// A replication slot.
#[derive(Debug, Clone, Deserialize)]
pub struct Slot {
    pub name: String,
    /// The decoding plugin; `None` for a physical slot.
    #[serde(default)]
    pub plugin: Option<String>,
    pub active: bool,
}

/// A bucket whose files are served to everybody.
#[derive(Debug, Clone, Deserialize)]
pub struct Bucket {
    pub name: String,
}

/// A scheduled job.
#[derive(Debug, Clone, Deserialize)]
pub struct Job {
    pub name: String,
    pub runs_as: String,
    /// Its text; never shown or recorded.
    pub command: String,
}

/// A setting that statements left in their sessions.
#[derive(Debug, Clone, Deserialize)]
pub struct Kept {
    /// `None` stands for texts that were hidden from us.
    #[serde(default)]
    pub name: Option<String>,
    pub calls: i64,
}

/// All of them.
#[derive(Debug, Clone, Default)]
pub struct Ways {
    pub mappings: Vec<Mapping>,
    pub publications: Vec<Publication>,
    pub slots: Vec<Slot>,
    pub buckets: Vec<Bucket>,
    pub jobs: Vec<Job>,
    pub kept: Vec<Kept>,
}

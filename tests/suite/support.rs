//! What several subjects of the suite share: the program as a child process,
//! with pipes ([`cli`]) or in a pseudo-terminal ([`pty`]), a model on a disk of
//! memory ([`desk`]), real incident folders, and one real Postgres ([`lab`]).
//!
//! Nothing here sleeps: every wait is for an event and has a deadline.

pub mod abilities;
pub mod cli;
pub mod desk;
pub mod hostile;
pub mod journal;
pub mod lab;
pub mod model;
pub mod play;
pub mod playbook;
pub mod proc;
pub mod proxy;
pub mod pty;
pub mod record;
pub mod records;
pub mod scenes;
pub mod screen;
pub mod script;
pub mod wire;

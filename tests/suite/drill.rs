//! The lab: its server, what it leaves behind, its leaks and look-alikes.

mod server;

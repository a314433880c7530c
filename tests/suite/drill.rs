//! The lab: its server, what it leaves behind, its leaks and look-alikes.

mod doctor;
mod fetch;
mod lab;
mod leftovers;
mod server;
mod shapes;
mod traffic;

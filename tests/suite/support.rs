//! What several subjects of the suite share.

pub mod lab;

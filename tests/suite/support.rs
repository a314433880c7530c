//! What several subjects of the suite share.

pub mod hostile;
pub mod model;
pub mod scenes;
pub mod screen;

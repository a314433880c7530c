//! What several subjects of the suite share.

pub mod hostile;
pub mod model;
pub mod playbook;
pub mod records;
pub mod scenes;
pub mod screen;

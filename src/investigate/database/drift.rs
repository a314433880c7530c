//! What one database lets through that another does not, or did not before:
//! rights compared by name and meaning, each difference with its direction.
//!
//! `draw` reads one database into a `portrait`, which can be kept in a file;
//! `compare` is pure. To compare a further kind of thing, draw it as facets.

mod canon;
mod compare;
mod draw;
mod portrait;
mod weigh;

pub use compare::{Difference, Drift, compare};
pub use portrait::{LARGEST, Portrait};
pub use weigh::Effect;

use super::look::Look;
use crate::domain::failure::Failure;
use crate::investigate::check::{Reach, Sink};

/// Reads the rights of one database; what was refused stands in its gaps.
///
/// # Errors
/// When there is no connection, or the login cannot read the catalogs.
pub async fn portrait(reach: &Reach, sink: &dyn Sink) -> Result<Portrait, Failure> {
    let (look, along) = Look::open_along(reach, sink, &draw::QUERIES).await?;
    Ok(draw::draw(&look, along))
}

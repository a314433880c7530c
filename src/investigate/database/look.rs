//! An open session with the survey of what it is connected to: what every
//! check and every plan of this room starts from.

use super::along::Along;
use super::load;
use super::survey::Survey;
use crate::domain::check::Gap;
use crate::domain::failure::Failure;
use crate::investigate::check::{Reach, Sink};
use crate::providers::postgres::Session;

/// An open session with its survey.
#[derive(Debug)]
pub struct Look {
    pub session: Session,
    pub survey: Survey,
    pub gaps: Vec<Gap>,
    /// What the login could do beyond reading.
    pub warnings: Vec<String>,
}

impl Look {
    /// Connects, says at once what the login could do beyond reading, and only
    /// then reads the catalogs.
    ///
    /// # Errors
    /// When there is no connection, or the login cannot read the catalogs.
    pub async fn open(reach: &Reach, sink: &dyn Sink) -> Result<Self, Failure> {
        Ok(Self::open_along(reach, sink, &[]).await?.0)
    }

    /// The same, and what further catalog queries say of the same moment.
    ///
    /// # Errors
    /// As [`Look::open`]; a further query that was refused is told when its
    /// rows are taken.
    pub async fn open_along(
        reach: &Reach,
        sink: &dyn Sink,
        further: &[&'static str],
    ) -> Result<(Self, Along), Failure> {
        let session = Session::connect(&reach.database).await?;
        let warnings = session.guard().await?.warnings();
        for warning in &warnings {
            sink.warn(warning);
        }
        // Whoever shows them gets a turn before anything else is asked.
        tokio::task::yield_now().await;
        let (survey, gaps, along) = load::survey(&session, &reach.naming, sink, further).await?;
        let look = Self {
            session,
            survey,
            gaps,
            warnings,
        };
        Ok((look, along))
    }
}

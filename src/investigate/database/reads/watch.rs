//! Looks at the statistics again and again over one connection: the catalogs
//! are read once, then only what changes from second to second is asked.

use super::sources::{self, Share, Sources};
use super::weigh;
use crate::domain::failure::Failure;
use crate::domain::watch::Glance;
use crate::investigate::check::{Quiet, Reach};
use crate::investigate::database::look::Look;
use crate::investigate::database::survey::Survey;
use crate::providers::postgres::Session;
use std::time::Duration;

/// How long the server may work on one question of a look: a look that is
/// dear to the server is given up, and the next one comes later.
const LIMIT: Duration = Duration::from_secs(2);

/// A connection kept for looks, with what is known of the database.
#[derive(Debug)]
pub struct Watcher {
    session: Session,
    survey: Survey,
    sources: Sources,
    shares: Vec<Share>,
}

impl Watcher {
    /// Connects and reads the catalogs.
    ///
    /// # Errors
    /// When there is no connection, or the catalogs can't be read.
    pub async fn open(reach: &Reach) -> Result<Self, Failure> {
        let look = Look::open(reach, &Quiet).await?;
        let first = sources::read(&look.session).await;
        if let Some(failure) = first.failed {
            return Err(failure);
        }
        let shares = sources::shares(&look.session, &look.survey).await;
        let mut settings = reach.database.clone();
        settings.statement_timeout = settings.statement_timeout.min(LIMIT);
        Ok(Self {
            session: Session::connect(&settings).await?,
            survey: look.survey,
            sources: first.sources,
            shares,
        })
    }

    /// One look.
    ///
    /// # Errors
    /// When a source did not answer.
    pub async fn look(&self) -> Result<Glance, Failure> {
        let raw = sources::again(&self.session, &self.sources).await?;
        Ok(weigh::glance(&raw, &self.survey, &self.shares))
    }
}

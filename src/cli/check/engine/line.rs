//! The line to the engine: sends a text and hands the rows over. A leaf.

use crate::cli::check::hear::{runtime, tell};
use crate::cli::world::World;
use crate::domain::failure::Failure;
use crate::domain::number::of;
use crate::investigate::logs::questions::ask::Question;
use crate::investigate::logs::questions::{Take, odd_answer};
use crate::providers::clickhouse::{ClickHouse, Refused, failure};
use serde_json::Value;
use std::time::Instant;
use tokio::runtime::Runtime;

/// A server and what its answers are waited for with.
pub struct Line {
    runtime: Runtime,
    server: ClickHouse,
}

impl Line {
    /// A line to this server; nothing is sent yet.
    ///
    /// # Errors
    /// When the system gives no room for it.
    pub fn new(server: ClickHouse) -> Result<Self, Failure> {
        Ok(Self {
            runtime: runtime()?,
            server,
        })
    }

    /// The server itself.
    pub const fn server(&self) -> &ClickHouse {
        &self.server
    }

    /// Asks for a few rows.
    ///
    /// # Errors
    /// What the server says.
    pub fn few(&self, sql: &str) -> Result<Vec<Vec<Value>>, Refused> {
        self.runtime.block_on(self.server.rows(sql))
    }

    /// What an error means to a person.
    pub fn told(&self, refused: &Refused, doing: &str) -> Failure {
        failure(refused, doing, &self.server.place())
    }

    /// Asks one question, hands over each row, and tells how it went.
    ///
    /// # Errors
    /// What the server says, and a row that is not of the form asked for.
    pub fn ask(
        &self,
        question: &Question,
        sql: &str,
        take: Take<'_>,
        world: &mut World<'_>,
    ) -> Result<u64, Failure> {
        let begun = Instant::now();
        let mut odd = None;
        let mut kept = |row: Vec<Value>| {
            odd = take(&row).err();
            odd.is_none()
        };
        let sent = self.runtime.block_on(self.server.each(sql, &mut kept));
        if let Some(odd) = odd {
            return Err(odd_answer(question, odd));
        }
        let doing = format!("{} ({})", question.id, question.about);
        let count = sent.map_err(|refused| self.told(&refused, &doing))?;
        let told = format!(
            "firsthour: {doing}: {} in {:.1} s",
            of(count, "row"),
            begun.elapsed().as_secs_f64()
        );
        tell(world, &told)?;
        Ok(count)
    }
}

//! PostgreSQL, spoken so that it works through a transaction pooler.
//!
//! Only the simple protocol, only `BEGIN` with transaction-local settings, no
//! `options` start-up parameter and no session state: the connection behind a
//! pooler is handed on exactly as it was found. Reading ends in `ROLLBACK`,
//! so that nothing a function of the database did along the way (a notice, a
//! large object) survives. Writing is [`Session::change`] alone;
//! [`Session::rehearse`] writes too, and never commits.

mod change;
mod error;
mod guard;
mod principal;
mod probe;
mod quiet;
mod reading;
mod rehearse;
mod session;
mod settings;
mod text;
mod tls;

pub use change::ChangeError;
pub use error::PgError;
pub use guard::Guard;
pub use principal::{Assumed, Setting, Source, Value};
pub use probe::{PlanClass, ProbeAnswer, ProbeCell, ProbeLimits};
pub use reading::Reading;
pub use rehearse::{Asked, Rehearsed};
pub use session::Session;
pub use settings::{ConnectSettings, Host, TlsMode};
pub use text::{ident, literal, qualified};

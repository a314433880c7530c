//! The one shape every format is brought to: rules and aggregates read an
//! [`Event`], never a format. A leaf.
//!
//! All text is borrowed from the line (or from the parser's own buffers) and
//! is of outside origin. An empty string means "the log does not say".

pub use super::words::{CLASSES, CacheState, Class, Layer, NO_TIME, Place, Stamp, WhoKind};

/// What an event has besides its texts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Numbers {
    pub at: Stamp,
    pub layer: Layer,
    pub status: u16,
    pub cache: CacheState,
    pub rows: Option<u64>,
    pub bytes: Option<u64>,
    pub duration_ns: Option<u64>,
    pub shared: bool,
    pub bypass_mark: bool,
    pub place: Place,
}

macro_rules! event {
    ($($(#[$doc:meta])* $field:ident),* $(,)?) => {
        /// One normalised record.
        #[derive(Debug, Clone, Copy, PartialEq)]
        pub struct Event<'a> {
            $($(#[$doc])* pub $field: &'a str,)*
            pub at: Stamp,
            pub layer: Layer,
            /// An HTTP status, 0 where the log gives none. SQL records use
            /// 200, 403 and 500 for done, refused and failed.
            pub status: u16,
            pub cache: CacheState,
            /// Rows that went out.
            pub rows: Option<u64>,
            /// Bytes of the answer that went out.
            pub bytes: Option<u64>,
            pub duration_ns: Option<u64>,
            /// A cache's `Age` in seconds was above zero, or the answer said
            /// that shared caches may keep it.
            pub shared: bool,
            /// `x-middleware-subrequest` or a like mark came from outside.
            pub bypass_mark: bool,
            pub place: Place,
        }

        /// How many texts an [`Event`] has.
        pub const TEXTS: usize = [$(stringify!($field)),*].len();

        impl<'a> Event<'a> {
            /// Its texts in the order of the fields.
            pub const fn texts(&self) -> [&'a str; TEXTS] {
                [$(self.$field),*]
            }

            /// Takes from another record the texts that this one lacks.
            fn fill_texts(&mut self, other: &Self) {
                $(if self.$field.is_empty() {
                    self.$field = other.$field;
                })*
            }

            /// All but its texts.
            pub const fn numbers(&self) -> Numbers {
                Numbers {
                    at: self.at,
                    layer: self.layer,
                    status: self.status,
                    cache: self.cache,
                    rows: self.rows,
                    bytes: self.bytes,
                    duration_ns: self.duration_ns,
                    shared: self.shared,
                    bypass_mark: self.bypass_mark,
                    place: self.place,
                }
            }

            /// Puts texts in the order of [`Event::texts`] and the rest
            /// together.
            #[must_use]
            pub const fn of(texts: [&'a str; TEXTS], rest: Numbers) -> Self {
                let [$($field),*] = texts;
                Event {
                    $($field,)*
                    at: rest.at,
                    layer: rest.layer,
                    status: rest.status,
                    cache: rest.cache,
                    rows: rest.rows,
                    bytes: rest.bytes,
                    duration_ns: rest.duration_ns,
                    shared: rest.shared,
                    bypass_mark: rest.bypass_mark,
                    place: rest.place,
                }
            }
        }
    };
}

event! {
    /// The signed-in subject's id, where the log names one.
    user,
    /// The subject's e-mail, where it is all the log has.
    email,
    /// An API key's public prefix or name.
    key,
    /// The database role a statement ran as.
    db_role,
    /// The app's role of the subject: admin, support, `service_role`.
    role,
    /// The tenant the subject belongs to.
    actor_tenant,
    /// The tenant the data belongs to.
    tenant,
    /// The client's network address.
    client,
    /// The user agent or application name.
    agent,
    method,
    /// The concrete path, without its query.
    path,
    /// Without `?`.
    query,
    /// The route's template where the log gives it, such as
    /// `/api/customers/[id]`; otherwise it is made from the path.
    route,
    /// What kind of object was read, where the log says: `customer`.
    object_kind,
    /// The object's id where the log says; otherwise it is taken from the path.
    object,
    request,
    trace,
    session,
    deployment,
    /// A record's own id, for dropping what was delivered twice.
    id,
    /// The statement of an SQL record, as logged.
    statement,
    /// Its bound parameters as logged: `$1 = '3', $2 = NULL`.
    parameters,
    /// SQLSTATE of a failed statement.
    sqlstate,
    /// What a program printed: looked at for secrets only.
    message,
}

impl Default for Event<'_> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<'a> Event<'a> {
    /// A record that says nothing.
    pub const EMPTY: Self = Event::<'a> {
        at: NO_TIME,
        layer: Layer::Http,
        status: 0,
        cache: CacheState::Unsaid,
        rows: None,
        bytes: None,
        duration_ns: None,
        shared: false,
        bypass_mark: false,
        place: Place {
            piece: 0,
            offset: 0,
        },
        user: "",
        email: "",
        key: "",
        db_role: "",
        role: "",
        actor_tenant: "",
        tenant: "",
        client: "",
        agent: "",
        method: "",
        path: "",
        query: "",
        route: "",
        object_kind: "",
        object: "",
        request: "",
        trace: "",
        session: "",
        deployment: "",
        id: "",
        statement: "",
        parameters: "",
        sqlstate: "",
        message: "",
    };

    /// Whose power was used: the best name the record has.
    pub const fn who(&self) -> (WhoKind, &'a str) {
        if !self.user.is_empty() {
            (WhoKind::User, self.user)
        } else if !self.email.is_empty() {
            (WhoKind::User, self.email)
        } else if !self.key.is_empty() {
            (WhoKind::Key, self.key)
        } else if !self.db_role.is_empty() {
            (WhoKind::Role, self.db_role)
        } else if !self.client.is_empty() {
            (WhoKind::Address, self.client)
        } else {
            (WhoKind::Nobody, "")
        }
    }

    /// Whether a person or key is known, not only a role or an address.
    pub const fn is_named(&self) -> bool {
        !self.user.is_empty() || !self.email.is_empty() || !self.key.is_empty()
    }

    /// Fills what this record leaves open from another record of the same
    /// request. Numbers are the larger of the two: a console line may count
    /// rows in steps.
    #[must_use]
    pub fn joined(&self, other: &Self) -> Self {
        let mut both = *self;
        both.fill(other);
        both
    }

    /// Does what [`Event::joined`] does in place.
    pub fn fill(&mut self, other: &Self) {
        self.fill_texts(other);
        self.rows = self.rows.max(other.rows);
        self.bytes = self.bytes.or(other.bytes);
        self.duration_ns = self.duration_ns.or(other.duration_ns);
        self.shared |= other.shared;
        self.bypass_mark |= other.bypass_mark;
        if self.status == 0 {
            self.status = other.status;
        }
        if self.cache == CacheState::Unsaid {
            self.cache = other.cache;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back_in_their_places() {
        let event = Event {
            user: "u",
            message: "m",
            at: 7,
            ..Event::EMPTY
        };
        assert_eq!(Event::of(event.texts(), event.numbers()), event);
    }

    #[test]
    fn the_request_keeps_its_own_words_and_takes_the_rest() {
        let request = Event {
            client: "10.0.0.1",
            status: 200,
            ..Event::EMPTY
        };
        let console = Event {
            layer: Layer::Console,
            user: "u1",
            client: "other",
            rows: Some(7),
            ..Event::EMPTY
        };
        let both = request.joined(&console);
        assert_eq!(both.who(), (WhoKind::User, "u1"));
        assert_eq!(
            (both.client, both.rows, both.layer),
            ("10.0.0.1", Some(7), Layer::Http)
        );
    }
}

//! Settings and headers that switch a check off: P09.
//!
//! Whoever may send SQL may set any setting with a dotted name; whoever
//! reaches an API may send any header. A switch set that way opens every row
//! in one go, as against the name of a tenant, which has to be known.

use super::super::atom::is_position;
use super::super::expression::Token;
use super::super::helpers::calls;
use super::super::hole::Hole;
use super::super::roles::Station;
use super::Lens;

/// Calls that hand a setting on as it is.
const PLUMBING: [&str; 8] = [
    "current_setting",
    "nullif",
    "coalesce",
    "lower",
    "upper",
    "btrim",
    "left",
    "any",
];

impl Lens<'_> {
    /// The caller's own setting compared with on or off.
    pub(super) fn hatch(&self, asked: &[Token], position: &str) -> Option<Hole> {
        let text = self.spelled_out(asked);
        let mut settings = text.windows(3).filter_map(|w| match w {
            [call, _, Token::Text(name)] if call.is_word("current_setting") => Some(name.as_str()),
            _ => None,
        });
        let settable = settings.any(|name| self.may_set(name));
        let plain = calls(&text)
            .iter()
            .all(|(name, _)| PLUMBING.contains(&name.as_str()));
        (is_position(position) && settable && plain).then_some(Hole::Hatch)
    }

    /// The same with the position written as a number.
    pub(super) fn hatch_by_number(&self, left: &[Token], right: &[Token]) -> Option<Hole> {
        match (left, right) {
            (asked, [Token::Number(n)]) | ([Token::Number(n)], asked) => self.hatch(asked, n),
            _ => None,
        }
    }

    /// Whether the text reads a setting, other than what a request brings.
    pub(super) fn reads_setting(&self, asked: &[Token]) -> bool {
        let text = self.spelled_out(asked);
        text.windows(3).any(|w| {
            let own = matches!(&w[2], Token::Text(name) if !name.starts_with("request.jwt"));
            w[0].is_word("current_setting") && own
        })
    }

    /// Whether a caller at this station decides what the setting says.
    fn may_set(&self, name: &str) -> bool {
        const SENT: [&str; 4] = [
            "request.headers",
            "request.header.",
            "request.cookies",
            "request.cookie.",
        ];
        let app = self.station == Station::App;
        if name.starts_with("request.") {
            return SENT.iter().any(|sent| name.starts_with(sent));
        }
        app && name.contains('.') && !names_someone(name)
    }
}

/// Whether a setting holds the key of a tenant or a user, of which `1` is one.
fn names_someone(name: &str) -> bool {
    const KINDS: [&str; 9] = [
        "tenant",
        "org",
        "organization",
        "company",
        "account",
        "team",
        "workspace",
        "customer",
        "user",
    ];
    let last = name.rsplit('.').next().unwrap_or(name).to_lowercase();
    let kind = last.strip_prefix("current_").unwrap_or(&last);
    last == "id" || last.ends_with("_id") || last.ends_with("uuid") || KINDS.contains(&kind)
}

//! What a parser gave, for tests: its events with their texts owned.

use super::parser::{Out, Parser, Setting};
use crate::investigate::logs::event::{Event, Numbers, Place, TEXTS};

/// An event that owns its texts.
#[derive(Debug, Clone)]
pub struct Owned {
    texts: [String; TEXTS],
    rest: Numbers,
}

impl Owned {
    pub fn event(&self) -> Event<'_> {
        let texts = std::array::from_fn(|at| self.texts[at].as_str());
        Event::of(texts, self.rest)
    }
}

/// Everything that was written.
#[derive(Debug, Default)]
pub struct Kept {
    pub events: Vec<Owned>,
    pub unparsed: usize,
    pub remarks: Vec<String>,
}

impl Kept {
    /// What a parser gives for some records, and at the end of them.
    pub fn of<L: AsRef<str>>(
        open: fn(&[u8], &Setting) -> Box<dyn Parser>,
        lines: impl IntoIterator<Item = L>,
    ) -> Self {
        let mut kept = Self::default();
        let mut parser = open(b"", &Setting::default());
        for line in lines {
            parser.record(line.as_ref().as_bytes(), Place::default(), &mut kept);
        }
        parser.end(&mut kept);
        kept
    }

    /// Looks at the only event.
    pub fn one(&self, test: impl FnOnce(&Event<'_>)) {
        assert_eq!((self.events.len(), self.unparsed), (1, 0));
        test(&self.events[0].event());
    }
}

impl Out for Kept {
    fn event(&mut self, event: &Event<'_>) {
        self.events.push(Owned {
            texts: event.texts().map(str::to_owned),
            rest: event.numbers(),
        });
    }

    fn unparsed(&mut self, _place: Place) {
        self.unparsed += 1;
    }

    fn remark(&mut self, remark: &str) {
        self.remarks.push(remark.to_owned());
    }
}

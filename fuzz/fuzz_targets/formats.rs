//! Any bytes as the records of any format.
#![no_main]

use firsthour::investigate::logs::event::{Event, Place};
use firsthour::investigate::logs::format::parser::{Out, PlanSeen, Setting};
use firsthour::investigate::logs::format::{FORMATS, shallow};
use firsthour::investigate::logs::split::records_of;
use libfuzzer_sys::fuzz_target;

/// Looks at every text, so that one that can't be read is seen.
#[derive(Default)]
struct Look {
    bytes: usize,
}

impl Out for Look {
    fn event(&mut self, event: &Event<'_>) {
        self.bytes += event.texts().iter().map(|text| text.len()).sum::<usize>();
        let _ = event.who();
    }

    fn plan(&mut self, plan: &PlanSeen<'_>) {
        self.bytes += plan.statement.len();
    }

    fn unparsed(&mut self, _place: Place) {}

    fn remark(&mut self, remark: &str) {
        assert!(remark.len() < 1 << 10);
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((first, data)) = data.split_first() else {
        return;
    };
    let format = &FORMATS[usize::from(*first) % FORMATS.len()];
    if shallow::is_shallow(data) {
        let _ = (format.claim)(data);
    }
    let mut look = Look::default();
    let mut parser = (format.open)(data, &Setting::default());
    for record in records_of(data, format.framing) {
        // The scan hands over nothing that nests deeper.
        if !record.is_empty() && shallow::is_shallow(&record) {
            parser.record(&record, Place::default(), &mut look);
        }
    }
    parser.end(&mut look);
});

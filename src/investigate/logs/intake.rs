//! The way of an event from its parser to the counts: dropped when delivered
//! twice, joined with what else is known of its request, given its route and
//! its object, counted.

use super::event::{Event, Layer, NO_TIME, Place, Stamp};
use super::format::parser::{Out, PlanSeen};
use super::gather::aggregates::{Piece, UNPARSED_SHOWN};
use super::gather::{Gather, Target};
use super::join::{Joiner, Repeats};
use super::paths::Paths;
use super::route;
use super::sql::counted;
use super::sql::shapes::Shapes;
use super::tap::Tap;
use super::templates::Templates;
use std::sync::Arc;

/// Counts the events of one worker.
#[derive(Debug)]
pub struct Intake {
    pub gather: Gather,
    /// The piece at hand.
    pub piece: Piece,
    repeats: Arc<Repeats>,
    /// Away while it counts: an event that is counted joins nothing.
    joiner: Option<Box<Joiner>>,
    joins: bool,
    /// When the latest event was.
    at: Stamp,
    scratch: Scratch,
    /// Gets every event that is counted, where somebody asked for them.
    pub tap: Option<Arc<Tap>>,
}

#[derive(Debug, Default)]
struct Scratch {
    paths: Paths,
    shapes: Shapes,
}

impl Intake {
    /// Starts with nothing counted.
    pub fn new(gather: Gather, repeats: Arc<Repeats>) -> Self {
        Self {
            gather,
            piece: Piece::default(),
            repeats,
            joiner: Some(Box::default()),
            joins: false,
            at: NO_TIME,
            scratch: Scratch::default(),
            tap: None,
        }
    }

    /// Routes that the app declares.
    #[must_use]
    pub fn with_routes(mut self, routes: &Arc<Templates>) -> Self {
        self.scratch.paths = Paths::with(Arc::clone(routes));
        self
    }

    /// Turns to the next piece; the account of the last one is given back.
    pub fn begin(&mut self, piece: Piece, joins: bool) -> Piece {
        self.joins = joins;
        std::mem::replace(&mut self.piece, piece)
    }

    /// No more records come for those that wait: what found its other half is
    /// counted, the rest is given on to be looked up among other pieces.
    pub fn settle(&mut self) {
        if let Some(mut joiner) = self.joiner.take() {
            joiner.close(&mut |event| self.counted(event));
            self.joiner = Some(joiner);
        }
    }

    /// A tick of a clock: see [`Joiner::age`].
    pub fn age(&mut self) {
        if let Some(mut joiner) = self.joiner.take() {
            joiner.age(&mut |event| self.counted(event));
            self.joiner = Some(joiner);
        }
    }

    /// The joiner's halves without another half.
    pub fn leftovers(&mut self) -> Joiner {
        self.joiner
            .replace(Box::default())
            .map_or_else(Joiner::default, |joiner| *joiner)
    }

    /// Counts an event that waits for nothing.
    pub fn counted(&mut self, event: &Event<'_>) {
        if event.layer == Layer::Console {
            self.console(event);
            return;
        }
        self.count(event);
    }

    fn count(&mut self, event: &Event<'_>) {
        if let Some(tap) = &self.tap {
            tap.event(event);
        }
        count(&mut self.gather, &mut self.scratch, event);
    }

    /// Counts something secret or personal in the record at hand.
    pub fn spilled(&mut self, kind: &str, sample: &str, place: Place) {
        let at = self.at;
        self.gather.spill(kind, &self.piece.name, at, place, sample);
    }

    /// A console line that belongs to no request counts as an access only
    /// when it says by itself who got what.
    fn console(&mut self, event: &Event<'_>) {
        let says = !event.object.is_empty() || event.rows.is_some() || !event.path.is_empty();
        if event.is_named() && says {
            let status = if event.status == 0 { 200 } else { event.status };
            let event = Event { status, ..*event };
            self.count(&event);
        }
    }
}

fn count(gather: &mut Gather, scratch: &mut Scratch, event: &Event<'_>) {
    if event.layer == Layer::Sql && !event.statement.is_empty() {
        counted::count(gather, &mut scratch.shapes, event);
        return;
    }
    if !gather.holds(event.at) {
        return;
    }
    let way = scratch.paths.way(gather, event);
    let (kind, object) = if !event.object.is_empty() {
        (gather.word(event.object_kind), event.object)
    } else if way.id.is_empty()
        && !event.query.is_empty()
        && let Some(found) = route::in_query(event.query)
    {
        let kind = match found.kind {
            "" => route::last_word(event.path),
            kind => kind,
        };
        (gather.word(kind), found.id)
    } else {
        (way.kind, way.id)
    };
    let target = Target {
        route: way.route,
        kind,
        object,
        is_static: way.is_static,
    };
    gather.count(event, &target);
}

impl Out for Intake {
    fn event(&mut self, event: &Event<'_>) {
        self.piece.events += 1;
        self.at = event.at;
        if event.at != NO_TIME {
            let first = self
                .piece
                .first
                .map_or(event.at, |first| first.min(event.at));
            self.piece.first = Some(first);
            self.piece.last = self.piece.last.max(Some(event.at));
        }
        if !event.id.is_empty() && self.repeats.is_repeated(event.id, event.at) {
            self.piece.repeated += 1;
            return;
        }
        let waits = self.joins && !event.request.is_empty();
        match self.joiner.take_if(|_| waits) {
            Some(mut joiner) => {
                joiner.offer(event, &mut |event| self.counted(event));
                self.joiner = Some(joiner);
            }
            None => self.counted(event),
        }
    }

    fn plan(&mut self, plan: &PlanSeen<'_>) {
        counted::plan(&mut self.gather, &mut self.scratch.shapes, plan);
    }

    fn unparsed(&mut self, place: Place) {
        self.piece.unparsed += 1;
        if self.piece.unparsed_at.len() < UNPARSED_SHOWN {
            self.piece.unparsed_at.push(place.offset);
        }
    }

    fn remark(&mut self, remark: &str) {
        if !self.piece.remarks.contains(remark) {
            self.piece.remarks.insert(remark.to_owned());
        }
    }
}

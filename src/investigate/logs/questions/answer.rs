//! From an engine's rows back to [`Aggregates`]: the same tables as the scan
//! fills. Rows come from outside; one that is not of the form asked for is
//! refused, since a wrong table would be a wrong verdict.

use crate::investigate::logs::event::{Layer, NO_TIME, Stamp, WhoKind};
use crate::investigate::logs::gather::HOMES;
use crate::investigate::logs::gather::aggregates::{
    AccessKey, Aggregates, Minute, MinuteKey, OriginKey, Period, Reach, ReachKey, RouteKey,
    RouteUse, Seen, SpillKey, TENANTS, Who,
};
use crate::investigate::logs::gather::distinct::hash;
use crate::investigate::logs::gather::sane;
use crate::investigate::logs::spill::Spills;
use serde_json::Value;

/// What makes a row useless.
pub type Odd = String;

/// The largest count: sums of many stay within 64 bits.
const MOST: u64 = 1 << 50;

/// What kind of cell came; what it holds is some customer's.
const fn kind(cell: Option<&Value>) -> &'static str {
    match cell {
        None => "nothing",
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "true or false",
        Some(Value::Number(_)) => "a number",
        Some(Value::String(_)) => "a text",
        Some(Value::Array(_) | Value::Object(_)) => "a list or an object",
    }
}

/// One row, read from the left.
struct Cells<'a>(std::slice::Iter<'a, Value>);

impl Cells<'_> {
    fn text(&mut self) -> Result<String, Odd> {
        match self.0.next() {
            Some(Value::String(text)) => Ok(text.clone()),
            other => Err(format!("a text was asked for and {} came", kind(other))),
        }
    }

    /// Engines write whole numbers of 64 bits as numbers or as texts.
    fn number(&mut self) -> Result<Option<i64>, Odd> {
        let cell = self.0.next();
        let number = match cell {
            Some(Value::Null) => return Ok(None),
            Some(Value::Number(number)) => number.as_i64(),
            Some(Value::String(text)) => text.parse().ok(),
            _ => None,
        };
        let odd = || format!("a whole number was asked for and {} came", kind(cell));
        number.map(Some).ok_or_else(odd)
    }

    fn count(&mut self) -> Result<u64, Odd> {
        let number = self.number()?.unwrap_or(0);
        match u64::try_from(number) {
            Ok(count) if count <= MOST => Ok(count),
            Ok(_) => Err(format!("{number} is larger than any count of a log")),
            Err(_) => Err(format!("{number} is no count")),
        }
    }

    fn time(&mut self) -> Result<Option<Stamp>, Odd> {
        let time = self.number()?;
        sane::times([time, None])?;
        Ok(time)
    }

    fn who(&mut self) -> Result<Who, Odd> {
        const KINDS: [WhoKind; 5] = [
            WhoKind::User,
            WhoKind::Key,
            WhoKind::Role,
            WhoKind::Address,
            WhoKind::Nobody,
        ];
        let kind = self.count()?;
        let kind = usize::try_from(kind).ok().and_then(|at| KINDS.get(at));
        let kind = *kind.ok_or("no such kind of principal")?;
        Ok(Who {
            kind,
            id: self.text()?.into(),
        })
    }

    fn period(&mut self) -> Result<Period, Odd> {
        match self.count()? {
            0 => Ok(Period::Before),
            1 => Ok(Period::Near),
            2 => Ok(Period::After),
            other => Err(format!("{other} is no period")),
        }
    }

    fn layer(&mut self) -> Result<Layer, Odd> {
        let word = self.text()?;
        Layer::parse(&word).ok_or_else(|| "no such layer".to_owned())
    }

    fn reach(&mut self) -> Result<ReachKey, Odd> {
        Ok(ReachKey {
            who: self.who()?,
            kind: self.text()?.into(),
            period: self.period()?,
        })
    }

    fn route(&mut self) -> Result<RouteKey, Odd> {
        Ok(RouteKey {
            layer: self.layer()?,
            route: self.text()?.into(),
            period: self.period()?,
        })
    }

    fn seen(&mut self) -> Result<Seen, Odd> {
        Ok(Seen {
            requests: self.count()?,
            first: self.time()?,
            last: self.time()?,
            place: None,
        })
    }
}

/// A principal's reach in numbers, as Q2 tells it.
#[derive(Debug, Clone)]
pub struct Reached {
    pub key: ReachKey,
    pub objects: u64,
    pub tenants: u64,
    /// Reads of numbered objects.
    pub steps: u64,
}

/// Reads a row of Q2.
///
/// # Errors
/// When it is not of the form that was asked for.
pub fn reached(row: &[Value]) -> Result<Reached, Odd> {
    let mut cells = Cells(row.iter());
    let key = cells.reach()?;
    let objects = cells.count()?.saturating_add(cells.count()?);
    Ok(Reached {
        key,
        objects,
        tenants: cells.count()?,
        steps: cells.count()?,
    })
}

/// Looks over what Q10 found, as the scan looks over records. The text goes
/// no further; only its kind and the ends of it do.
///
/// # Errors
/// When it is not of the form that was asked for.
pub fn spilled(
    tables: &mut Aggregates,
    piece: &str,
    spills: &Spills,
    row: &[Value],
) -> Result<(), Odd> {
    let mut cells = Cells(row.iter());
    let found = cells.text()?;
    let seen = cells.seen()?;
    spills.alone(found.as_bytes(), &mut |spilled| {
        let key = SpillKey {
            kind: spilled.kind.to_owned(),
            piece: piece.to_owned(),
        };
        let spill = tables.spills.entry(key).or_default();
        if spill.seen.first.is_none() || seen.first < spill.seen.first {
            spill.sample = spilled.sample;
        }
        spill.seen.merge(&seen);
    });
    Ok(())
}

/// Reads one row of whole numbers.
///
/// # Errors
/// When it is none.
pub fn numbers(row: &[Value]) -> Result<Vec<u64>, Odd> {
    let mut cells = Cells(row.iter());
    row.iter().map(|_| cells.count()).collect()
}

/// Puts a row of one question into the tables.
///
/// # Errors
/// When it is not of the form that was asked for.
pub fn take(tables: &mut Aggregates, id: &str, row: &[Value]) -> Result<(), Odd> {
    let mut cells = Cells(row.iter());
    one(tables, id, &mut cells)?;
    if cells.0.next().is_some() {
        return Err("a row has more cells than were asked for".to_owned());
    }
    Ok(())
}

fn one(tables: &mut Aggregates, id: &str, cells: &mut Cells<'_>) -> Result<(), Odd> {
    match id {
        "Q1" => access(tables, cells),
        "Q2o" => object(tables, cells),
        "Q2t" => tenant(tables, cells),
        "Q3" => step(tables, cells),
        "Q4r" | "Q4b" => size(tables, cells, id == "Q4r"),
        "Q5" => minute(tables, cells),
        "Q6" => cached(tables, cells),
        "Q6c" => client(tables, cells),
        "Q8" => {
            let (who, agent) = (cells.who()?, cells.text()?.into());
            let (client, period) = (cells.text()?.into(), cells.period()?);
            let key = OriginKey {
                who,
                agent,
                client,
                period,
            };
            tables.origins.insert(key, cells.seen()?);
            Ok(())
        }
        "Q9" => {
            tables.deployments.insert(cells.text()?, cells.seen()?);
            Ok(())
        }
        "homes" => {
            let who = Who {
                kind: WhoKind::User,
                id: cells.text()?.into(),
            };
            let home = cells.text()?;
            cells.count()?;
            let homes = tables.homes.entry(who).or_default();
            if homes.len() < HOMES {
                homes.insert(home);
            }
            Ok(())
        }
        other => Err(format!("no question is called {other}")),
    }
}

fn access(tables: &mut Aggregates, cells: &mut Cells<'_>) -> Result<(), Odd> {
    let key = AccessKey {
        who: cells.who()?,
        role: cells.text()?.into(),
        layer: cells.layer()?,
        route: cells.text()?.into(),
        period: cells.period()?,
    };
    let access = tables.access.entry(key).or_default();
    for count in &mut access.counts {
        *count = cells.count()?;
    }
    access.rows = cells.count()?;
    access.max_rows = cells.count()?;
    access.with_rows = cells.count()?;
    access.bytes = cells.count()?;
    access.max_bytes = cells.count()?;
    access.first = cells.time()?;
    access.last = cells.time()?;
    Ok(())
}

fn reach_of<'a>(tables: &'a mut Aggregates, cells: &mut Cells<'_>) -> Result<&'a mut Reach, Odd> {
    Ok(tables.reach.entry(cells.reach()?).or_default())
}

fn object(tables: &mut Aggregates, cells: &mut Cells<'_>) -> Result<(), Odd> {
    let reach = reach_of(tables, cells)?;
    let denied = cells.count()? == 1;
    let id = hash(cells.text()?.as_bytes());
    let (first, last) = (cells.number()?, cells.number()?);
    if denied {
        reach.denied.insert(id);
    } else {
        let [first, last] = [first, last].map(|at| at.unwrap_or(NO_TIME));
        reach.objects.insert_at(id, first, last);
    }
    Ok(())
}

fn tenant(tables: &mut Aggregates, cells: &mut Cells<'_>) -> Result<(), Odd> {
    let reach = reach_of(tables, cells)?;
    let tenant = cells.text()?;
    cells.count()?;
    if reach.tenants.len() < TENANTS {
        reach.tenants.insert(tenant);
    } else {
        tables
            .cut
            .insert("more tenants than are kept apart".to_owned());
    }
    Ok(())
}

fn step(tables: &mut Aggregates, cells: &mut Cells<'_>) -> Result<(), Odd> {
    let key = cells.reach()?;
    let at: Stamp = cells.time()?.ok_or("a read without a time")?;
    // A number beyond 64 bits is no step of a walk, here as in the scan.
    if let Ok(number) = cells.text()?.parse() {
        tables.reach.entry(key).or_default().step(at, number);
    }
    Ok(())
}

fn used<'a>(tables: &'a mut Aggregates, cells: &mut Cells<'_>) -> Result<&'a mut RouteUse, Odd> {
    Ok(tables.routes.entry(cells.route()?).or_default())
}

fn size(tables: &mut Aggregates, cells: &mut Cells<'_>, of_rows: bool) -> Result<(), Odd> {
    let used = used(tables, cells)?;
    let class = u16::try_from(cells.count()?).map_err(|_| "no class of sizes")?;
    sane::class(class)?;
    let count = cells.count()?;
    let sizes = if of_rows {
        &mut used.rows
    } else {
        &mut used.bytes
    };
    sizes.insert(class, count);
    Ok(())
}

fn cached(tables: &mut Aggregates, cells: &mut Cells<'_>) -> Result<(), Odd> {
    let key = cells.route()?;
    let counts = RouteUse {
        ok: cells.count()?,
        named: cells.count()?,
        stored: cells.count()?,
        shared: cells.count()?,
        stored_bytes: cells.count()?,
        stored_first: cells.time()?,
        stored_last: cells.time()?,
        marked: cells.count()?,
        ..RouteUse::default()
    };
    if counts != RouteUse::default() {
        tables.routes.entry(key).or_default().merge(&counts);
    }
    Ok(())
}

fn client(tables: &mut Aggregates, cells: &mut Cells<'_>) -> Result<(), Odd> {
    let used = used(tables, cells)?;
    let client = hash(cells.text()?.as_bytes());
    cells.count()?;
    used.stored_clients.insert(client);
    Ok(())
}

fn minute(tables: &mut Aggregates, cells: &mut Cells<'_>) -> Result<(), Odd> {
    let key = MinuteKey {
        layer: cells.layer()?,
        route: cells.text()?.into(),
        period: cells.period()?,
        minute: cells.number()?.ok_or("no minute")?,
    };
    let counts = Minute {
        requests: cells.count()?,
        ok: cells.count()?,
        refused: cells.count()?,
    };
    sane::minute(key.minute)?;
    tables.minutes.insert(key, counts);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_server_that_lies_is_refused_and_no_cell_is_told() {
        let max = i64::MAX;
        for (id, row) in [
            ("Q4r", json!(["http", "x", 2, 300, 1])),
            ("Q5", json!(["http", "x", 2, max, 1, 1, 0])),
            ("Q5", json!(["http", "x", 2, 7, max, 1, 0])),
            ("Q9", json!(["d", 1, -1, 7])),
            ("Q9", json!(["d", "ada@example.org", 1, 7])),
            ("Q5", json!(["ada@example.org", "x", 2, 7, 1, 1, 0])),
        ] {
            let row = row.as_array().unwrap();
            let odd = take(&mut Aggregates::default(), id, row).unwrap_err();
            assert!(!odd.contains("ada"), "{odd}");
        }
    }
}

//! Playbooks from Markdown to paper: the shipped ones, the lint, the reader
//! on hostile input, and the subcommand.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot set itself up has failed"
)]

mod codes;
mod command;
mod hostile;
mod paper;
mod shipped;
mod walk;

use crate::support::abilities::abilities;
use chrono::NaiveDate;
use firsthour::playbooks::{Diagnostic, check};

/// The day the shipped playbooks were reviewed.
fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 23).unwrap()
}

/// Every mistake in a text.
fn mistakes(source: &str) -> Vec<Diagnostic> {
    check(source, "test.md", &abilities(), today()).1
}

fn printed(found: &[Diagnostic]) -> String {
    found
        .iter()
        .map(Diagnostic::text)
        .collect::<Vec<_>>()
        .join("\n\n")
}

/// A small playbook without a mistake; the tests spoil one thing at a time.
const GOOD: &str = r"---
format: firsthour/1
id: small
title: A small one
reviewed: 2026-11-01
drilled: 2026-11-02
max_age_days: 90
budget: 10m
---

## T1 Look {budget=10m}

### first-look Look at it

```step
goal: It was looked at.
owner: operator
budget: 4m
```

Look at it now.

```check
use: database.reach
with: {schema: public}
```

```hand
Look by hand.
```

```ask
id: seen
text: Was it seen?
options: [clearly, barely]
```

```next
- when: check(database.reach).foreign > 0 and answer(seen) == clearly
  to: close-it
- unknown: close-it
- else: end
```

### close-it Close it

```step
goal: It is closed.
owner: commander
budget: 6m
```

Close it.

```action
use: restrict.revoke
review_by: 24h
```

```hand
Close it by hand.
```
";

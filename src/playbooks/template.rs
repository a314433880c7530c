//! The text a new playbook starts from. It passes the lint as it stands.

use chrono::NaiveDate;

/// Renders a new playbook with this id, reviewed today.
pub fn template(id: &str, today: NaiveDate) -> String {
    let title = id.replace('-', " ");
    TEMPLATE
        .replace("NEW-ID", id)
        .replace("NEW-TITLE", &title)
        .replace("NEW-DATE", &today.format("%Y-%m-%d").to_string())
}

const TEMPLATE: &str = r#"---
format: firsthour/1
id: NEW-ID
title: "NEW-TITLE"
reviewed: NEW-DATE
max_age_days: 120
budget: 15m
---

Say here, in two lines, when this playbook fits and when another one does.

## T1 See what happened {budget=10m}

### gather Write down what was reported

```step
goal: The report is written down with its time and its source.
owner: scribe
budget: 4m
```

Write down who reported what, when, and where they saw it.

- Copy their words, not your reading of them.
- Leave out customer names and values; say what kind of data it was.

```ask
id: reproduced
text: Could you see it yourself?
```

```next
- when: answer(reproduced) == yes
  to: decide
- unknown: look-again
- else: look-again
```

### look-again Try once more as the person who reported it

```step
goal: It is seen, or it is known that it could not be seen.
owner: operator
budget: 6m
```

Open the same page with a test account of the same kind.

```hand
Private window, no extensions. Note the address, the time and what you saw.
```

## T2 Decide {budget=5m}

### decide Say what happens next and who does it

```step
goal: One person knows the next thing to do.
owner: commander
budget: 5m
```

Name the next step, the person and the time of the next look.
"#;

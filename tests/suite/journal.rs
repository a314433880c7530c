//! The journal on disk: what is written is read back, after a crash too.

use crate::support::journal::{PLAYBOOK, Place, actor, created, meta, note, now, opening};
use chrono::Duration;
use firsthour::domain::entry::Entry;
use firsthour::domain::fact::Fact;
use firsthour::domain::incident::Incident;
use firsthour::journal::{Journal, Opened, list, open, open_damaged, read, verify};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

#[test]
fn what_is_recorded_is_there_after_a_resume() {
    let place = Place::with(3);
    let live = read(&place.folder).unwrap();
    assert_eq!(live.meta, meta("inc-20260822-k7f3"));
    assert_eq!(live.entries.len(), 5);
    assert!(live.faults.is_empty());
    let (mut journal, entries) = place.open("ada");
    assert_eq!(entries, live.entries);
    assert_eq!(journal.head(), Some((4, entries[4].h.clone())));
    let more = journal.append(now(), &[note("back")]).unwrap();
    assert_eq!((more[0].seq, &more[0].prev), (5, &entries[4].h));
    assert_eq!(more[0].wid, entries[4].wid);
    let verdict = verify(&place.folder);
    assert_eq!(verdict.exit_code(), 0, "{verdict}");
}

#[test]
fn the_fold_of_the_answers_is_the_fold_of_the_disk() {
    let place = Place::empty();
    let mut journal = place.writer("ada");
    let mut live = Incident::default();
    for (n, draft) in [opening(), note("a"), note("b")].iter().enumerate() {
        // A leap of the wall clock adds an entry that nobody asked for.
        let at = now() + Duration::hours(i64::try_from(n).unwrap());
        for entry in journal.append(at, std::slice::from_ref(draft)).unwrap() {
            live.apply(&entry);
        }
    }
    let kinds: Vec<_> = live.timeline.iter().map(|e| e.fact.kind()).collect();
    assert_eq!(
        kinds,
        ["incident.open", "clock.sync", "note", "clock.sync", "note"]
    );
    assert_eq!(Incident::fold(read(&place.folder).unwrap().entries), live);
}

#[test]
fn a_batch_is_one_chain() {
    let place = Place::empty();
    let mut journal = place.writer("ada");
    let written = journal.append(now(), &[opening(), note("a"), note("b")]);
    let written = written.unwrap();
    for pair in written.windows(2) {
        assert_eq!(pair[1].prev, pair[0].h);
        assert!(pair[1].hlc > pair[0].hlc);
    }
    assert_eq!(read(&place.folder).unwrap().entries, written);
}

#[test]
fn a_draft_that_is_too_long_leaves_no_trace() {
    let place = Place::with(1);
    let before = std::fs::read(place.segment()).unwrap();
    let mut journal = place.writer("ada");
    let failure = journal
        .append(now(), &[note("fits"), note(&"x".repeat(20_000))])
        .unwrap_err();
    assert!(failure.hint.contains("evidence"), "{failure:?}");
    assert_eq!(std::fs::read(place.segment()).unwrap(), before);
    journal.append(now(), &[note("goes on")]).unwrap();
    assert_eq!(verify(&place.folder).exit_code(), 0);
}

#[test]
fn a_second_instance_reads_and_names_the_holder() {
    let place = Place::with(2);
    let (_journal, entries) = place.open("ada");
    match open(&place.folder, actor("ada"), now()).unwrap() {
        Opened::ReadOnly {
            entries: seen,
            holder,
        } => {
            assert_eq!(seen, entries);
            let pid = std::process::id();
            let named = format!("held by process {pid} of ada on mbp, since 2026-08-22T10:");
            assert!(holder.starts_with(&named), "{holder}");
        }
        Opened::Writer { .. } => panic!("two writers on one chain"),
    }
}

#[test]
fn another_person_writes_a_chain_of_their_own() {
    let place = Place::with(1);
    let mut ada = place.writer("ada");
    let mut bob = place.writer("bob");
    assert_ne!(ada.wid(), bob.wid());
    let from_bob = bob.append(now(), &[note("from bob")]).unwrap();
    ada.append(now(), &[note("from ada")]).unwrap();
    assert_eq!(from_bob[0].seq, 0);
    let record = read(&place.folder).unwrap();
    assert_eq!(record.entries.len(), 5);
    assert!(record.faults.is_empty());
    let verdict = verify(&place.folder);
    assert_eq!((verdict.exit_code(), verdict.writers.len()), (0, 2));
}

#[test]
fn cut_at_every_byte_of_the_last_three_records() {
    let place = Place::with(3);
    let whole = std::fs::read(place.segment()).unwrap();
    let full = read(&place.folder).unwrap().entries;
    let starts: Vec<usize> = std::iter::once(0)
        .chain(
            whole
                .iter()
                .enumerate()
                .filter(|(_, b)| **b == b'\n')
                .map(|(at, _)| at + 1),
        )
        .collect();
    let from = starts[starts.len() - 4];
    let (mut torn, mut clean) = (0, 0);
    for cut in from..=whole.len() {
        std::fs::write(place.segment(), &whole[..cut]).unwrap();
        let kept = starts.iter().filter(|start| **start <= cut).count() - 1;
        let on_boundary = starts.contains(&cut);
        let code = verify(&place.folder).exit_code();
        assert_eq!(code, if on_boundary { 0 } else { 2 }, "cut at {cut}");
        let Opened::Writer {
            entries, recovered, ..
        } = open(&place.folder, actor("ada"), now()).unwrap()
        else {
            panic!("read-only after a cut at {cut}");
        };
        assert_eq!(entries[..kept], full[..kept], "cut at {cut}");
        if on_boundary {
            assert!(recovered.is_none());
            clean += 1;
        } else {
            let gone = (cut - starts[kept]) as u64;
            assert_eq!(recovered.unwrap().bytes, gone);
            // A slow run adds a note that the clock of the test stood still.
            let own = |e: &Arc<Entry>| matches!(e.fact, Fact::Recovered(_) | Fact::ClockStepped(_));
            assert!(entries.len() > kept && entries[kept..].iter().all(own));
            torn += 1;
        }
        let verdict = verify(&place.folder);
        assert_eq!(verdict.exit_code(), 0, "cut at {cut}: {verdict}");
        if !on_boundary {
            std::fs::remove_dir_all(place.writer_dir().join("torn")).unwrap();
        }
    }
    assert_eq!((torn + clean, clean), (whole.len() - from + 1, 4));
}

#[test]
fn a_crash_in_the_middle_of_recovery_is_told_once() {
    let place = Place::with(2);
    let whole = std::fs::read(place.segment()).unwrap();
    std::fs::write(place.segment(), &whole[..whole.len() - 30]).unwrap();
    drop(place.writer("ada"));
    // As if the program had died after the cut, before it could tell.
    let lines = place.lines();
    place.set_lines(&lines[..lines.len() - 1]);
    let (_journal, entries) = place.open("ada");
    let told = entries
        .iter()
        .filter(|e| matches!(e.fact, Fact::Recovered(_)));
    assert_eq!(told.count(), 1);
    assert_eq!(verify(&place.folder).exit_code(), 0);
}

#[test]
fn a_power_cut_that_left_zeros_is_a_torn_tail() {
    let place = Place::with(2);
    let mut bytes = std::fs::read(place.segment()).unwrap();
    bytes.extend_from_slice(&[0; 700]);
    bytes.push(b'\n');
    std::fs::write(place.segment(), &bytes).unwrap();
    assert_eq!(verify(&place.folder).exit_code(), 2);
    let (_journal, entries) = place.open("ada");
    assert_eq!(entries.len(), 5);
    assert_eq!(verify(&place.folder).exit_code(), 0);
}

#[test]
fn damage_in_the_middle_needs_a_persons_word() {
    let place = Place::with(3);
    let text = std::fs::read_to_string(place.segment()).unwrap();
    let bad = text.replace("note number 1", "note number 7");
    std::fs::write(place.segment(), &bad).unwrap();
    let failure = open(&place.folder, actor("ada"), now()).unwrap_err();
    assert!(failure.why.contains("own hash"), "{failure:?}");
    let Opened::Writer { mut journal, .. } =
        open_damaged(&place.folder, actor("ada"), now()).unwrap()
    else {
        panic!("read-only");
    };
    journal.append(now(), &[note("goes on")]).unwrap();
    drop(journal);
    assert_eq!(std::fs::read_to_string(place.segment()).unwrap(), bad);
    // The word was given for this damage: resuming works, verify still tells.
    let (journal, entries) = place.open("ada");
    assert_eq!(entries.last().unwrap().sum, "goes on");
    drop(journal);
    assert_eq!(verify(&place.folder).exit_code(), 1);
    assert_eq!(verify(&place.folder).faults.len(), 1);
    // New damage asks again.
    let worse = bad.replace("note number 0", "note number 8");
    std::fs::write(place.segment(), worse).unwrap();
    assert!(open(&place.folder, actor("ada"), now()).is_err());
}

fn closed_to_others(path: &Path) {
    let mode = std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    if path.is_dir() {
        assert_eq!(mode, 0o700, "{}", path.display());
        for item in std::fs::read_dir(path).unwrap() {
            closed_to_others(&item.unwrap().path());
        }
    } else {
        assert!(matches!(mode, 0o600 | 0o400), "{} {mode:o}", path.display());
    }
}

#[test]
fn only_the_owner_can_read_the_folder() {
    let place = Place::with(1);
    closed_to_others(&place.folder);
}

#[test]
fn a_folder_others_can_write_to_is_refused() {
    let place = Place::with(1);
    for dir in [
        place.folder.clone(),
        place.folder.join("writers"),
        place.writer_dir(),
    ] {
        std::fs::set_permissions(&dir, PermissionsExt::from_mode(0o770)).unwrap();
        let failure = open(&place.folder, actor("ada"), now()).unwrap_err();
        assert!(failure.hint.contains("chmod go-w"), "{failure:?}");
        std::fs::set_permissions(&dir, PermissionsExt::from_mode(0o700)).unwrap();
    }
    assert!(open(&place.folder, actor("ada"), now()).is_ok());
}

#[test]
fn an_incident_is_created_whole_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let create = |id: &str, playbook: &str| {
        Journal::create(dir.path(), &meta(id), playbook, actor("ada"), now())
    };
    assert!(create("../escape", PLAYBOOK).is_err());
    assert!(create("inc-1", "another playbook").is_err());
    drop(create("inc-1", PLAYBOOK).unwrap());
    assert!(create("inc-1", PLAYBOOK).is_err());
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn the_list_shows_what_can_be_resumed_and_what_cannot() {
    let dir = tempfile::tempdir().unwrap();
    assert!(list(&dir.path().join("nothing")).is_empty());
    for id in ["inc-1", "inc-2"] {
        let mut journal =
            Journal::create(dir.path(), &meta(id), PLAYBOOK, actor("ada"), now()).unwrap();
        journal.append(now(), &[opening(), note("x")]).unwrap();
    }
    std::fs::create_dir(dir.path().join("inc-3")).unwrap();
    std::fs::write(dir.path().join("inc-3/INCIDENT.json"), b"{\x1b[31m").unwrap();
    std::fs::write(dir.path().join("a file"), b"").unwrap();
    let listed = list(dir.path());
    let ids: Vec<_> = listed.iter().map(|l| l.id.as_str()).collect();
    assert_eq!(ids, ["inc-2", "inc-1", "inc-3"]);
    assert_eq!((listed[0].entries, listed[0].closed), (2, false));
    assert!(listed[0].last.unwrap() >= created());
    assert!(listed[2].damaged.is_some());
}

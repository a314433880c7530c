//! The server itself: whether it is older than a correction that row security
//! needs (C04). Known from the version number alone; the list is of ways past
//! row security, and grows with the announcements of PostgreSQL.

use crate::domain::finding::{Severity, SubjectKind};
use crate::investigate::database::claim::Claim;
use crate::investigate::database::survey::Survey;

/// A correction and the first minor version of each major one that has it.
const CORRECTED: [(&str, &[(u32, u32)]); 4] = [
    (
        "CVE-2025-8713",
        &[(17, 6), (16, 10), (15, 14), (14, 19), (13, 22)],
    ),
    (
        "CVE-2024-10976",
        &[(17, 1), (16, 5), (15, 9), (14, 14), (13, 17)],
    ),
    ("CVE-2023-39418", &[(15, 4)]),
    ("CVE-2023-2455", &[(15, 3), (14, 8), (13, 11)]),
];

/// Tells once which corrections this server lacks.
pub fn outdated(survey: &Survey) -> Vec<Claim> {
    let version = survey.snapshot.server.version;
    let (major, minor) = (version / 10_000, version % 10_000);
    let (lacking, wanted) = lacking(major, minor);
    let Some(wanted) = wanted else {
        return Vec::new();
    };
    vec![
        Claim::about("C04", Severity::Low, SubjectKind::Setting, "server_version")
            .titled(format!(
                "the server lacks the correction of {}",
                lacking.join(", ")
            ))
            .shown_by("version", &format!("{major}.{minor}"))
            .shown_by("corrected in", &format!("{major}.{wanted}"))
            .hinted(format!(
                "update to the latest {major}: a restart, no migration"
            )),
    ]
}

/// The corrections a version lacks, and the minor version that has them all.
fn lacking(major: u32, minor: u32) -> (Vec<&'static str>, Option<u32>) {
    let first = |list: &[(u32, u32)]| list.iter().find(|(m, _)| *m == major).map(|(_, n)| *n);
    let all = CORRECTED
        .iter()
        .filter_map(|(name, list)| Some((*name, first(list)?)));
    let open: Vec<(&str, u32)> = all.filter(|(_, first)| minor < *first).collect();
    let wanted = open.iter().map(|(_, first)| *first).max();
    (open.into_iter().map(|(name, _)| name).collect(), wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(version: u32) -> Vec<Claim> {
        let mut survey = Survey::default();
        survey.snapshot.server.version = version;
        outdated(&survey)
    }

    #[test]
    fn a_version_is_older_than_a_correction_up_to_the_minor_before_it() {
        assert_eq!(lacking(17, 5), (vec!["CVE-2025-8713"], Some(6)));
        assert_eq!(lacking(17, 6), (Vec::new(), None));
        assert_eq!(lacking(15, 2).0.len(), 4);
        assert_eq!(lacking(15, 3).0.len(), 3);
        assert_eq!(lacking(18, 0), (Vec::new(), None));
    }

    #[test]
    fn it_is_told_once_with_the_version_to_update_to() {
        let claim = &told(160_004)[0];
        assert_eq!(claim.check, "C04");
        assert_eq!(claim.evidence[0].value, "16.4");
        assert_eq!(claim.evidence[1].value, "16.10");
        assert!(told(160_010).is_empty());
    }
}

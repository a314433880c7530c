//! What of an answer is worth a line to somebody who watches: a finding that
//! is new, or one that grew gravely. A leaf.

use crate::domain::finding::{Confidence, Finding, Severity};
use std::collections::HashMap;

/// Why a finding is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    New,
    Grew,
}

impl Change {
    /// The word shown.
    pub const fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Grew => "grew",
        }
    }
}

/// How large a finding was when it was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Size {
    severity: Severity,
    confidence: Confidence,
    tenants: u64,
    objects: u64,
}

impl Size {
    fn of(finding: &Finding) -> Self {
        let trail = finding.trail.as_ref();
        Self {
            severity: finding.severity,
            confidence: finding.confidence,
            tenants: trail.map_or(0, |trail| trail.tenants),
            objects: trail.map_or(0, |trail| trail.objects),
        }
    }

    /// Whether this is gravely more: graver, surer, or about twice as much.
    fn outgrows(self, told: Self) -> bool {
        self.severity > told.severity
            || self.confidence > told.confidence
            || self.tenants >= told.tenants.saturating_mul(2).max(told.tenants + 2)
            || self.objects >= told.objects.saturating_mul(2).max(told.objects + 10)
    }
}

/// What was told already.
#[derive(Debug, Default)]
pub struct News {
    told: HashMap<String, Size>,
}

impl News {
    /// What is to be told of these findings now.
    pub fn of<'a>(&mut self, findings: &'a [Finding]) -> Vec<(Change, &'a Finding)> {
        let mut news = Vec::new();
        for finding in findings {
            let serious = finding.severity >= Severity::Medium
                && finding.confidence >= Confidence::Suspected
                && finding.leads();
            if !serious {
                continue;
            }
            let size = Size::of(finding);
            let change = match self.told.get(&finding.key()) {
                None => Change::New,
                Some(told) if size.outgrows(*told) => Change::Grew,
                Some(_) => continue,
            };
            self.told.insert(finding.key(), size);
            news.push((change, finding));
        }
        news
    }
}

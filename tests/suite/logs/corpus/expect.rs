//! What each rendering can tell, and what is known to be missed in it.

use super::ask::rule;
use firsthour::domain::finding::Finding;
use firsthour::drill::corpus::options::Plant;
use firsthour::drill::corpus::render::Rendering;
use firsthour::drill::corpus::truth::Planted;

/// Leaks that a rendering shows and the check misses there, with why.
pub const MISSES: &[(&str, Plant, &str)] = &[];

/// Whether a rendering holds what a leak can be told by.
pub fn is_visible(plant: Plant, rendering: &Rendering) -> bool {
    use Plant as P;
    match rendering.name {
        "vercel" => true,
        // No row counts, no word on caches, nothing a program printed.
        "nginx" => !matches!(plant, P::CachedPage | P::Secret),
        // What a cache answered does not reach the program.
        "pino" | "logfmt" | "otlp" => plant != P::CachedPage,
        // Statements without row counts; the app's guard is not seen but for
        // rights in the database.
        "pg-csv" | "pg-json" | "pg-stderr" => matches!(
            plant,
            P::Walker | P::CrossTenant | P::Suspended | P::Oversize
        ),
        "pgaudit" => matches!(
            plant,
            P::Walker | P::CrossTenant | P::Suspended | P::Oversize | P::BulkExporter
        ),
        // The gateway's paths are tables, not the app's routes.
        "supabase-old" | "supabase-new" => matches!(
            plant,
            P::Walker
                | P::CrossTenant
                | P::Suspended
                | P::Oversize
                | P::BulkExporter
                | P::RoleMismatch
                | P::RefusalSpike
        ),
        // Addresses in place of people.
        "cloudfront" | "cloudflare" => matches!(
            plant,
            P::Oversize | P::RefusalSpike | P::VanishedRefusals | P::CachedPage
        ),
        _ => matches!(plant, P::Oversize | P::RefusalSpike | P::VanishedRefusals),
    }
}

/// Whether a finding's route is the one a leak is on.
pub fn route(route: &str, rendering: &Rendering, found: &str) -> bool {
    match rendering.name {
        "pg-csv" | "pg-json" | "pg-stderr" | "pgaudit" | "supabase-old" | "supabase-new" => {
            let table = route.rsplit('/').next().unwrap_or("");
            found.contains(table)
        }
        _ => found == route,
    }
}

/// What differs between the counts of a leak's findings and the truth.
pub fn counts(planted: &Planted, found: &[&Finding], rendering: &Rendering) -> Vec<String> {
    let mut faults = Vec::new();
    for finding in found {
        let Some(trail) = &finding.trail else {
            continue;
        };
        let truth = &planted.after;
        let is_person = planted.actor.is_some() && rendering.person;
        let mut wants = |what: &str, told: u64, want: u64| {
            if told != want {
                faults.push(format!(
                    "{:?} by {}: {told} {what}, not {want}: {}",
                    planted.plant,
                    rule(finding),
                    finding.title
                ));
            }
        };
        if matches!(rule(finding), "R1" | "R2") && is_person {
            wants("objects", trail.objects, truth.foreign);
            wants("tenants", trail.tenants, truth.foreign_tenants);
        }
    }
    faults
}

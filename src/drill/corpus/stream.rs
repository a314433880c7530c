//! The whole of a corpus: its model, its requests in order, and the truth.

use super::dice::Dice;
use super::hit::Hit;
use super::model::Model;
use super::options::Options;
use super::stage::Stage;
use super::truth::Truth;
use super::{background, decoys, plants};

/// A stream of requests and what it holds.
#[derive(Debug, Clone)]
pub struct Corpus {
    pub seed: u64,
    pub options: Options,
    pub model: Model,
    /// In order of time.
    pub hits: Vec<Hit>,
    pub truth: Truth,
}

impl Corpus {
    /// The corpus of a seed.
    pub fn new(seed: u64, options: &Options) -> Self {
        let mut stage = Stage::new(options, Model::new(seed, options));
        background::fill(&mut stage, &mut Dice::new(seed, "background"));
        let bystanders = decoys::add(&mut stage, &mut Dice::new(seed, "decoys"));
        let actors = plants::people(&mut stage, &mut Dice::new(seed, "people"));
        plants::routes(&mut stage, &mut Dice::new(seed, "routes"));
        decoys::expire(&mut stage, &mut Dice::new(seed, "expire"));
        let Stage {
            model, mut hits, ..
        } = stage;
        // A stable sort: equal times keep the order they were made in.
        hits.sort_by_key(|hit| hit.at);
        for (serial, hit) in hits.iter_mut().enumerate() {
            hit.serial = serial as u64 + 1;
        }
        let truth = Truth::of(seed, options, &model, &hits, &actors, &bystanders);
        Self {
            seed,
            options: options.clone(),
            model,
            hits,
            truth,
        }
    }

    /// The user a log can name, where it can.
    pub fn named(&self, hit: &Hit) -> Option<&super::model::User> {
        hit.user
            .filter(|_| hit.known)
            .map(|user| &self.model.users[user])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drill::corpus::options::{Decoy, Ids, Plant};

    fn small(seed: u64) -> Corpus {
        let options = Options {
            requests: 6_000,
            ..Options::default()
        };
        Corpus::new(seed, &options)
    }

    #[test]
    fn every_plant_leaves_a_trail_on_every_seed() {
        for seed in 0..12 {
            let truth = small(seed).truth;
            assert_eq!(truth.planted.len(), Plant::ALL.len());
            for planted in &truth.planted {
                let told = (planted.plant, seed, &planted.planted);
                assert!(planted.planted.requests >= 4, "{told:?}");
                assert!(planted.planted.first > Some(truth.release), "{told:?}");
                match planted.plant {
                    Plant::Walker => assert!(planted.planted.foreign > 150, "{told:?}"),
                    Plant::CrossTenant => {
                        assert!(planted.planted.foreign_tenants > 8, "{told:?}");
                    }
                    Plant::BulkExporter => assert!(planted.planted.rows > 30_000, "{told:?}"),
                    Plant::Oversize | Plant::CachedPage => {
                        assert!(planted.recipients.len() > 3, "{told:?}");
                    }
                    _ => {}
                }
            }
        }
    }

    #[test]
    fn ordinary_people_read_their_own() {
        let corpus = small(2);
        let strangers = corpus.hits.iter().filter(|hit| {
            let is_foreign = hit
                .user
                .is_some_and(|user| !corpus.model.may(user, hit.org));
            hit.plant.is_none() && hit.is_ok() && is_foreign
        });
        assert_eq!(strangers.count(), 0);
        let is_about = |decoy| corpus.hits.iter().any(|hit| hit.decoy == Some(decoy));
        for decoy in Decoy::ALL.into_iter().filter(|it| *it != Decoy::Dump) {
            assert!(is_about(decoy), "{decoy:?}");
        }
    }

    #[test]
    fn what_is_not_asked_for_is_not_planted() {
        let options = Options {
            requests: 3_000,
            plants: vec![Plant::Walker],
            decoys: Vec::new(),
            ids: Ids::Prefixed,
            ..Options::default()
        };
        let corpus = Corpus::new(4, &options);
        let others = corpus
            .hits
            .iter()
            .filter(|hit| hit.plant.is_some_and(|plant| plant != Plant::Walker));
        assert_eq!(others.count(), 0);
        assert!(corpus.hits.iter().all(|hit| hit.decoy.is_none()));
    }
}

//! What a store holds below an address.
//!
//! Credentials, region and endpoint come from where the SDK finds them: the
//! environment and the profiles of `~/.aws`. A bucket of another region is
//! found by what its region answers.

use super::error::S3Error;
use aws_config::BehaviorVersion;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{ProvideCredentials, Region};
use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use aws_smithy_http_client::{Builder, tls};
use std::time::Duration;

/// To find and greet the store.
const CONNECT: Duration = Duration::from_secs(5);
/// Until the first byte of an answer, and between two pieces of a body.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// Tries of one request.
const TRIES: u32 = 3;
/// Keys of one prefix that are looked at.
const KEYS: usize = 200_000;
/// Pages of one prefix that are asked for: a store may give short ones.
const PAGES: usize = 1_000;
/// Where a bucket is asked for when nothing names a region; the answer names
/// the right one.
const SOMEWHERE: &str = "us-east-1";

/// `s3://bucket/prefix`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    pub bucket: String,
    pub prefix: String,
}

impl Address {
    /// The address in a text; `None` where it is none of S3.
    ///
    /// # Errors
    /// When no bucket is named.
    pub fn of(text: &str) -> Option<Result<Self, S3Error>> {
        let rest = text.strip_prefix("s3://")?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return Some(Err(S3Error::Address(text.to_owned())));
        }
        Some(Ok(Self {
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
        }))
    }
}

/// One object as it was listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    pub bucket: String,
    pub key: String,
    /// Bytes as stored.
    pub size: u64,
    /// What changes when somebody writes it anew.
    pub tag: Option<String>,
}

/// What is below an address.
#[derive(Debug, Clone)]
pub struct Listed {
    pub objects: Vec<Object>,
    /// Keys that were not wanted.
    pub passed: usize,
    /// Whether there are more keys than were looked at.
    pub cut: bool,
    pub client: Client,
}

/// The way to a store.
#[derive(Debug, Clone)]
pub struct Store {
    client: Client,
}

impl Store {
    /// Reads where the store is and who is asking; asks no bucket yet.
    ///
    /// # Errors
    /// When there are no credentials.
    pub async fn open() -> Result<Self, S3Error> {
        let https = Builder::new()
            .tls_provider(tls::Provider::Rustls(
                tls::rustls_provider::CryptoMode::AwsLc,
            ))
            .build_https();
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT)
            .read_timeout(PATIENCE)
            .build();
        let sdk = aws_config::defaults(BehaviorVersion::latest())
            .http_client(https)
            .timeout_config(timeouts)
            .retry_config(RetryConfig::standard().with_max_attempts(TRIES))
            .load()
            .await;
        if let Some(provider) = sdk.credentials_provider() {
            let found = tokio::time::timeout(PATIENCE, provider.provide_credentials()).await;
            if !matches!(found, Ok(Ok(_))) {
                return Err(S3Error::Credentials);
            }
        }
        let mut config = aws_sdk_s3::config::Builder::from(&sdk);
        if sdk.region().is_none() {
            config = config.region(Region::new(SOMEWHERE));
        }
        // Stores that are not Amazon's rarely have a name for each bucket.
        if sdk.endpoint_url().is_some() {
            config = config.force_path_style(true);
        }
        Ok(Self {
            client: Client::from_conf(config.build()),
        })
    }

    /// The objects below an address whose keys are wanted, in the order of
    /// their keys.
    ///
    /// # Errors
    /// When the store refuses, or can't be reached.
    pub async fn list(
        &self,
        at: &Address,
        wanted: &(dyn Fn(&str) -> bool + Sync),
    ) -> Result<Listed, S3Error> {
        let mut listed = Listed {
            objects: Vec::new(),
            passed: 0,
            cut: false,
            client: self.client.clone(),
        };
        let mut next = None;
        let (mut seen, mut pages, mut has_moved) = (0, 0, false);
        loop {
            let page = match page(&listed.client, at, next.take()).await {
                Err(S3Error::Region {
                    region: Some(region),
                    ..
                }) if !has_moved && moved(&listed.client, &region) => {
                    has_moved = true;
                    listed.client = in_region(&listed.client, region);
                    continue;
                }
                page => page?,
            };
            seen += page.contents().len();
            pages += 1;
            listed.take(at, &page, wanted);
            next = page.next_continuation_token;
            if next.is_none() || page.is_truncated != Some(true) {
                return Ok(listed);
            }
            if seen >= KEYS || pages >= PAGES {
                listed.cut = true;
                return Ok(listed);
            }
        }
    }
}

impl Listed {
    fn take(
        &mut self,
        at: &Address,
        page: &ListObjectsV2Output,
        wanted: &(dyn Fn(&str) -> bool + Sync),
    ) {
        for object in page.contents() {
            let size = object.size.and_then(|size| u64::try_from(size).ok());
            let (Some(key), Some(size @ 1..)) = (object.key(), size) else {
                continue;
            };
            if !wanted(key) {
                self.passed += 1;
                continue;
            }
            self.objects.push(Object {
                bucket: at.bucket.clone(),
                key: key.to_owned(),
                size,
                tag: object.e_tag.clone(),
            });
        }
    }
}

async fn page(
    client: &Client,
    at: &Address,
    next: Option<String>,
) -> Result<ListObjectsV2Output, S3Error> {
    let asked = client
        .list_objects_v2()
        .bucket(&at.bucket)
        .prefix(&at.prefix)
        .set_continuation_token(next);
    asked
        .send()
        .await
        .map_err(|error| S3Error::of(&at.bucket, &error))
}

/// Whether another region than the one that was asked is named.
fn moved(client: &Client, region: &str) -> bool {
    client
        .config()
        .region()
        .is_none_or(|asked| asked.as_ref() != region)
}

fn in_region(client: &Client, region: String) -> Client {
    let config = client.config().to_builder().region(Region::new(region));
    Client::from_conf(config.build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_bucket_and_what_the_keys_begin_with() {
        let address = |text| Address::of(text).map(Result::unwrap);
        let of = |bucket: &str, prefix: &str| {
            Some(Address {
                bucket: bucket.to_owned(),
                prefix: prefix.to_owned(),
            })
        };
        assert_eq!(address("s3://logs/alb/2026/"), of("logs", "alb/2026/"));
        assert_eq!(address("s3://logs"), of("logs", ""));
        assert_eq!(address("./s3/logs"), None);
        assert!(Address::of("s3:///alb").unwrap().is_err());
    }
}

//! What a store answers when it gives nothing, in words for a person.

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use std::error::Error;

/// What keeps objects away. Each says what to do next.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum S3Error {
    #[error("{0} names no bucket: write s3://BUCKET/PREFIX")]
    Address(String),
    #[error(
        "no credentials were found: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and \
         AWS_SECRET_ACCESS_KEY; where you sign in by a browser, put what `aws configure \
         export-credentials --format env` prints into the environment"
    )]
    Credentials,
    #[error(
        "the store refused ({code}): these credentials need s3:ListBucket and s3:GetObject on \
         {bucket}; expired ones are refused too"
    )]
    Refused { bucket: String, code: String },
    #[error("there is no bucket {0}: look at its name, and at the account you are signed in to")]
    Absent(String),
    #[error("the bucket {bucket} is in another region{}: set AWS_REGION", region.as_ref().map(|r| format!(", {r}")).unwrap_or_default())]
    Region {
        bucket: String,
        region: Option<String>,
    },
    #[error("it was written anew since it was listed: run the check again")]
    Changed,
    #[error("it is there no more: run the check again")]
    Gone,
    #[error(
        "the store was not reached ({0}): look at the network, AWS_REGION and AWS_ENDPOINT_URL"
    )]
    Lost(String),
    #[error("the store answered {0}")]
    Other(String),
}

impl S3Error {
    /// Out of what the SDK says of a request to a bucket.
    pub fn of<E>(bucket: &str, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let Some(response) = error.raw_response() else {
            return Self::Lost(reason(error));
        };
        let status = response.status().as_u16();
        let code = error
            .as_service_error()
            .and_then(ProvideErrorMetadata::code)
            .map_or_else(|| format!("status {status}"), str::to_owned);
        let bucket = bucket.to_owned();
        let region = response.headers().get("x-amz-bucket-region");
        match (status, code.as_str()) {
            (301 | 307, _) | (400, "AuthorizationHeaderMalformed") => Self::Region {
                bucket,
                region: region.map(str::to_owned),
            },
            (_, "NoSuchBucket") => Self::Absent(bucket),
            (401 | 403, _) | (400, "ExpiredToken" | "InvalidToken") => {
                Self::Refused { bucket, code }
            }
            (404, _) => Self::Gone,
            (412, _) => Self::Changed,
            _ => Self::Other(code),
        }
    }
}

/// The innermost cause, on one line.
fn reason<E: Error + 'static>(error: &SdkError<E, HttpResponse>) -> String {
    let mut cause: &dyn Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let text = cause.to_string();
    if text.is_empty() {
        DisplayErrorContext(error).to_string()
    } else {
        text
    }
}

//! AWS's `CloudTrail`: `{"Records":[..]}`, or an event a line. Reads of objects
//! stand in it only where data events are logged. The answer's status is told
//! by its error; a request to S3 has the id it has in S3's own log, so that it
//! counts once where both are read.

use super::aws::caller;
use super::facts::{Facts, Slot};
use super::parser::{Format, Framing, Out, Parser, Setting};
use super::request::is_address;
use super::walk::{Means, Memo, mended, object};
use crate::investigate::logs::event::{Event, Layer, Place};
use memchr::memmem;

/// The row of the registry.
pub const FORMAT: Format = Format {
    name: "cloudtrail",
    title: "AWS CloudTrail",
    framing: Framing::Json,
    joins: false,
    claim,
    open: |_, _: &Setting| Box::<Trail>::default(),
};

fn claim(sample: &[u8]) -> usize {
    let count = |key: &str| memmem::find_iter(sample, key.as_bytes()).count();
    let events = count("\"eventVersion\"").min(count("\"eventSource\""));
    // One record may be longer than the sample.
    let begun = count("\"eventVersion\"").min(count("\"userIdentity\""));
    events.max(begun)
}

#[derive(Debug, Default)]
struct Trail {
    copied: String,
    memo: Memo,
    path: String,
    route: String,
}

impl Parser for Trail {
    fn record(&mut self, record: &[u8], place: Place, out: &mut dyn Out) {
        let text = mended(record);
        let mut facts = Facts::new(&mut self.copied);
        let whole = object(
            text.trim().trim_end_matches(','),
            names,
            &mut self.memo,
            &mut facts,
        );
        if !whole || !facts.has(NAME) || !facts.has(SERVICE) {
            return out.unparsed(place);
        }
        let event = event(&facts, &mut self.path, &mut self.route);
        out.event(&Event { place, ..event });
    }
}

// Where what only these records have waits.
const NAME: Slot = Slot::Method;
const SERVICE: Slot = Slot::Deployment;
const BUCKET: Slot = Slot::Tenant;
const ERROR: Slot = Slot::Sqlstate;
const ISSUER: Slot = Slot::Email;
const SIGN_IN: Slot = Slot::Kind;

fn names(key: &str) -> Means {
    match key {
        // As EventBridge wraps it.
        "detail" => Means::within(names),
        "eventTime" => Means::at(Slot::Time, 0),
        "eventName" => Means::at(NAME, 0),
        "eventSource" => Means::at(SERVICE, 0),
        "errorCode" => Means::at(ERROR, 0),
        "sourceIPAddress" => Means::at(Slot::Client, 0),
        "userAgent" => Means::at(Slot::Agent, 0),
        "requestID" => Means::at(Slot::Request, 0),
        "eventID" => Means::at(Slot::Id, 0),
        "userIdentity" => Means::within(identity),
        "requestParameters" => Means::within(asked),
        "responseElements" => Means::within(answered),
        "additionalEventData" => Means::within(more),
        _ => Means::SKIP,
    }
}

fn identity(key: &str) -> Means {
    match key {
        "arn" => Means::at(Slot::User, 0),
        "userName" => Means::at(Slot::User, 1),
        "invokedBy" => Means::at(Slot::User, 2),
        "principalId" => Means::at(Slot::User, 3),
        "sessionContext" => Means::within(context),
        _ => Means::SKIP,
    }
}

fn context(key: &str) -> Means {
    match key {
        "sessionIssuer" => Means::within(issuer),
        _ => Means::SKIP,
    }
}

fn issuer(key: &str) -> Means {
    match key {
        "userName" => Means::at(ISSUER, 0),
        _ => Means::SKIP,
    }
}

fn asked(key: &str) -> Means {
    match key {
        "bucketName" => Means::at(BUCKET, 0),
        "key" | "Key" => Means::at(Slot::Object, 0),
        "secretId"
        | "tableName"
        | "dBSnapshotIdentifier"
        | "snapshotId"
        | "name"
        | "dBInstanceIdentifier" => Means::at(Slot::Object, 1),
        _ => Means::SKIP,
    }
}

fn answered(key: &str) -> Means {
    match key {
        "ConsoleLogin" => Means::at(SIGN_IN, 0),
        _ => Means::SKIP,
    }
}

fn more(key: &str) -> Means {
    match key {
        "bytesTransferredOut" => Means::at(Slot::Bytes, 0),
        _ => Means::SKIP,
    }
}

fn event<'s>(facts: &'s Facts<'_, '_>, path: &'s mut String, route: &'s mut String) -> Event<'s> {
    let (name, service) = (facts.text(NAME), facts.text(SERVICE));
    let (bucket, key) = (facts.text(BUCKET), facts.text(Slot::Object));
    let is_s3 = !bucket.is_empty();
    if is_s3 {
        super::s3::named(bucket, key, path, route);
    } else {
        let service = service.split('.').next().unwrap_or(service);
        path.clear();
        path.push('/');
        path.push_str(service);
        if !key.is_empty() {
            path.push_str("/{name}");
        }
        route.clone_from(path);
        path.clear();
    }
    let client = facts.text(Slot::Client);
    let who = caller(facts.text(Slot::User));
    let (object_kind, object) = match (is_s3, key) {
        (true, key) => super::s3::object_of(key),
        (false, "") => ("", ""),
        (false, key) => ("resource", key),
    };
    let request = facts.text(Slot::Request);
    Event {
        at: facts.at,
        layer: if name == "ConsoleLogin" {
            Layer::Auth
        } else {
            Layer::Cloud
        },
        status: status(facts.text(ERROR), facts.text(SIGN_IN)),
        user: who.user,
        email: who.email,
        role: if who.role.is_empty() {
            facts.text(ISSUER)
        } else {
            who.role
        },
        // A service of AWS may call for somebody.
        client: if is_address(client) { client } else { "" },
        agent: facts.text(Slot::Agent),
        method: name,
        path,
        route,
        object_kind,
        object,
        bytes: facts.bytes.filter(|_| is_s3),
        request,
        id: if is_s3 && !request.is_empty() {
            request
        } else {
            facts.text(Slot::Id)
        },
        ..Event::EMPTY
    }
}

fn status(error: &str, sign_in: &str) -> u16 {
    if sign_in == "Failure" {
        return 401;
    }
    let has = |part: &str| error.contains(part);
    if error.is_empty() {
        200
    } else if [
        "Denied",
        "Unauthorized",
        "Forbidden",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
    ]
    .iter()
    .any(|part| has(part))
    {
        403
    } else if has("NoSuch") || has("NotFound") {
        404
    } else {
        400
    }
}

#[cfg(test)]
mod tests {
    use super::super::kept::Kept;
    use super::*;

    const LINE: &str = r#"{"eventVersion":"1.08","userIdentity":{"type":"AssumedRole","principalId":"AROA:app","arn":"arn:aws:sts::111122223333:assumed-role/app/worker","accountId":"111122223333","accessKeyId":"ASIAEXAMPLE","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROA","arn":"arn:aws:iam::111122223333:role/app","accountId":"111122223333","userName":"app"},"attributes":{"creationDate":"2026-03-10T07:00:00Z","mfaAuthenticated":"false"}}},"eventTime":"2026-03-10T08:00:02Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"us-east-1","sourceIPAddress":"203.0.113.9","userAgent":"[aws-cli/2.0]","requestParameters":{"bucketName":"exports","Host":"exports.s3.amazonaws.com","key":"customers/march.csv"},"responseElements":null,"additionalEventData":{"SignatureVersion":"SigV4","bytesTransferredIn":0,"bytesTransferredOut":2048,"x-amz-id-2":"x"},"requestID":"3E57427F3EXAMPLE","eventID":"e1","readOnly":true,"resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::exports/customers/march.csv"}],"eventType":"AwsApiCall","managementEvent":false,"recipientAccountId":"111122223333","eventCategory":"Data"}"#;

    fn read(line: &str) -> Kept {
        Kept::of(FORMAT.open, [line])
    }

    #[test]
    fn a_read_of_an_object_has_its_parts() {
        let wrapped = format!(r#"{{"version":"0","detail-type":"x","detail":{LINE}}}"#);
        for line in [LINE, &wrapped] {
            read(line).one(|event| {
                assert_eq!((event.layer, event.status), (Layer::Cloud, 200));
                assert_eq!(event.at, 1_773_129_602_000_000_000);
                let worker = "arn:aws:sts::111122223333:assumed-role/app/worker";
                assert_eq!((event.user, event.role), (worker, "app"));
                assert_eq!((event.method, event.route), ("GetObject", "/exports/{key}"));
                assert_eq!(
                    (event.object_kind, event.object),
                    ("file", "customers/march.csv")
                );
                assert_eq!((event.bytes, event.client), (Some(2048), "203.0.113.9"));
                assert_eq!(
                    (event.id, event.request),
                    ("3E57427F3EXAMPLE", "3E57427F3EXAMPLE")
                );
                assert_eq!(
                    (event.tenant, event.deployment, event.sqlstate),
                    ("", "", "")
                );
            });
        }
    }

    #[test]
    fn errors_are_statuses_and_services_are_no_addresses() {
        for (error, want) in [
            ("AccessDenied", 403),
            ("Client.UnauthorizedOperation", 403),
            ("NoSuchKey", 404),
            ("ThrottlingException", 400),
        ] {
            let line = LINE.replacen('{', &format!("{{\"errorCode\":\"{error}\","), 1);
            read(&line).one(|event| assert_eq!(event.status, want, "{error}"));
        }
        let inner = LINE.replace("203.0.113.9", "cloudfront.amazonaws.com");
        read(&inner).one(|event| assert_eq!(event.client, ""));
        let secret = LINE
            .replace(
                "s3.amazonaws.com\",\"eventName\":\"GetObject",
                "secretsmanager.amazonaws.com\",\"eventName\":\"GetSecretValue",
            )
            .replace("\"bucketName\":\"exports\",", "")
            .replace("\"key\":", "\"secretId\":");
        read(&secret).one(|event| {
            assert_eq!(
                (event.method, event.route),
                ("GetSecretValue", "/secretsmanager/{name}")
            );
            assert_eq!((event.id, event.bytes), ("e1", None));
        });
        let login = LINE.replace("GetObject", "ConsoleLogin").replace(
            "\"responseElements\":null",
            "\"responseElements\":{\"ConsoleLogin\":\"Failure\"}",
        );
        read(&login).one(|event| assert_eq!((event.layer, event.status), (Layer::Auth, 401)));
    }

    #[test]
    fn torn_and_foreign_records_are_told() {
        for line in [&LINE[..400], "{}", "x", "{\"eventName\":\"x\"}"] {
            let kept = read(line);
            assert_eq!((kept.events.len(), kept.unparsed), (0, 1), "{line}");
        }
        assert_eq!(
            claim(format!("{{\"Records\":[{LINE},{LINE}]}}").as_bytes()),
            2
        );
        assert_eq!(claim(&LINE.as_bytes()[..300]), 1);
        assert_eq!(claim(b"{\"eventVersion\":\"1\"}"), 0);
    }
}

//! What headers and cookies mean, whatever their case and whether `-` or `_`
//! stands between their words. A leaf but for the names of facts.
//!
//! Only headers that name a person, a cache or a request are known: any other
//! may be a secret.

use super::facts::Slot;
use super::walk::Means;

/// A header of a request.
pub fn sent(key: &str) -> Means {
    const KNOWN: [(&str, Slot, u8); 33] = [
        ("x-middleware-subrequest", Slot::Bypass, 0),
        ("x-user-id", Slot::User, 0),
        ("x-auth-user-id", Slot::User, 1),
        ("x-authenticated-user", Slot::User, 1),
        ("x-auth-request-user", Slot::User, 1),
        ("x-auth-user", Slot::User, 2),
        ("x-user", Slot::User, 2),
        // What proxies that sign people in put before the app.
        ("x-forwarded-user", Slot::User, 3),
        ("x-remote-user", Slot::User, 3),
        ("x-amzn-oidc-identity", Slot::User, 3),
        ("x-ms-client-principal-id", Slot::User, 3),
        ("x-ms-client-principal-name", Slot::Email, 2),
        ("x-goog-authenticated-user-email", Slot::Email, 2),
        ("x-forwarded-email", Slot::Email, 2),
        ("cf-access-authenticated-user-email", Slot::Email, 0),
        ("x-auth-request-email", Slot::Email, 1),
        ("x-user-email", Slot::Email, 1),
        ("x-user-role", Slot::Role, 0),
        ("x-org-id", Slot::ActorTenant, 0),
        ("x-tenant-id", Slot::ActorTenant, 0),
        ("x-api-key", Slot::Key, 0),
        ("x-api-key-id", Slot::Key, 1),
        ("x-api-key-name", Slot::Key, 2),
        ("x-client-id", Slot::Key, 3),
        ("x-consumer-username", Slot::Key, 3),
        ("x-session-id", Slot::Session, 0),
        ("user-agent", Slot::Agent, 3),
        ("x-request-id", Slot::Request, 3),
        ("x-amzn-trace-id", Slot::Trace, 3),
        ("traceparent", Slot::Trace, 2),
        ("x-vercel-id", Slot::Request, 5),
        ("cf-ray", Slot::Request, 6),
        ("x-correlation-id", Slot::Request, 4),
    ];
    look(key, &KNOWN)
}

/// A header of an answer.
pub fn answered(key: &str) -> Means {
    const KNOWN: [(&str, Slot, u8); 8] = [
        ("cache-control", Slot::CacheControl, 0),
        ("age", Slot::Age, 0),
        ("x-cache", Slot::Cache, 5),
        ("x-cache-status", Slot::Cache, 4),
        ("x-nextjs-cache", Slot::Cache, 4),
        ("cf-cache-status", Slot::Cache, 4),
        ("x-request-id", Slot::Request, 3),
        ("content-length", Slot::Bytes, 6),
    ];
    look(key, &KNOWN)
}

/// A cookie that names the person; any other may be a secret.
pub fn cookie(key: &str) -> Means {
    match key {
        "user_id" | "userId" | "userid" => Means::at(Slot::User, 3),
        "uid" | "user" => Means::at(Slot::User, 4),
        "org_id" | "orgId" | "tenant_id" => Means::at(Slot::ActorTenant, 3),
        _ => Means::SKIP,
    }
}

fn look(key: &str, known: &[(&str, Slot, u8)]) -> Means {
    let same = |name: &str| {
        name.len() == key.len()
            && name.bytes().zip(key.bytes()).all(|(ours, theirs)| {
                ours == theirs.to_ascii_lowercase() || ours == b'-' && theirs == b'_'
            })
    };
    let found = known.iter().find(|row| same(row.0));
    found.map_or(Means::SKIP, |(_, slot, rank)| Means::at(*slot, *rank))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_one_however_it_is_written() {
        for key in ["X-User-Id", "x_user_id", "X-USER-ID"] {
            assert_eq!(sent(key).slot, Some(Slot::User), "{key}");
        }
        assert_eq!(sent("X-Api-Key-Id").slot, Some(Slot::Key));
        assert_eq!(sent("x-ms-client-principal-name").slot, Some(Slot::Email));
        for key in ["Authorization", "Cookie", "x-user-id-2", "xuserid", ""] {
            assert_eq!(sent(key).slot, None, "{key}");
        }
        assert_eq!(answered("Cache_Control").slot, Some(Slot::CacheControl));
        assert_eq!(cookie("session").slot, None);
    }
}

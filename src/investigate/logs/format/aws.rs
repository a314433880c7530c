//! Who stands behind a name of AWS. A leaf.

/// A principal as events tell it.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Caller<'a> {
    pub user: &'a str,
    pub email: &'a str,
    pub role: &'a str,
}

/// Reads a name: `arn:aws:iam::1:user/ops`, or
/// `arn:aws:sts::1:assumed-role/ROLE/SESSION`, whose session is often an
/// address of e-mail, or made up by a machine anew each time.
pub fn caller(name: &str) -> Caller<'_> {
    let mut caller = Caller {
        user: name,
        ..Caller::default()
    };
    let Some((before, rest)) = name.split_once(":assumed-role/") else {
        return caller;
    };
    let Some((role, session)) = rest.split_once('/') else {
        return caller;
    };
    caller.role = role;
    if session.contains('@') {
        (caller.user, caller.email) = ("", session);
    } else if is_machine(session) {
        let length = before.len() + ":assumed-role/".len() + role.len();
        caller.user = name.get(..length).unwrap_or(name);
    }
    caller
}

/// Whether a session's name is another one with each start of a program:
/// `i-0abc..`, `botocore-session-1773129602`, a task's hex digits.
fn is_machine(session: &str) -> bool {
    let digits = session.bytes().filter(u8::is_ascii_digit).count();
    let instance = session
        .strip_prefix("i-")
        .is_some_and(|rest| rest.len() >= 8 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()));
    instance || digits >= 8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_and_services_are_told_by_their_names() {
        let ops = "arn:aws:iam::111122223333:user/ops";
        assert_eq!(caller(ops).user, ops);
        let sso = caller("arn:aws:sts::1:assumed-role/AWSReservedSSO_Admin_1/a@example.com");
        let want = ("", "a@example.com", "AWSReservedSSO_Admin_1");
        assert_eq!((sso.user, sso.email, sso.role), want);
        let named = "arn:aws:sts::1:assumed-role/app/worker";
        assert_eq!(caller(named).user, named);
        for session in ["i-0abc123def", "botocore-session-1773129602"] {
            let name = format!("arn:aws:sts::1:assumed-role/app/{session}");
            assert_eq!(caller(&name).user, "arn:aws:sts::1:assumed-role/app");
        }
    }
}

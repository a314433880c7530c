//! What pgaudit and `auto_explain` write, and where counting it goes wrong:
//! the same records in each of the three forms give the same events.

use super::{csvlog, jsonlog, stderr};
use crate::investigate::logs::event::Place;
use crate::investigate::logs::format::kept::Kept;
use crate::investigate::logs::format::parser::{Format, Setting};
use crate::investigate::logs::split::records_of;

/// The messages of one session in a form.
fn written(form: &str, messages: &[&str]) -> String {
    let mut out = String::new();
    for (at, message) in (1..).zip(messages) {
        let time = format!("2026-03-10 08:00:{at:02}.000 UTC");
        out.push_str(&match form {
            "stderr" => format!("{time} [4310] app@db LOG:  {}\n", message.replace('\n', "\n\t")),
            "csv" => format!(
                "{time},\"app\",\"db\",4310,\"10.0.0.1:5000\",69afd002.10d6,{at},\"SELECT\",2026-03-10 08:00:00 UTC,3/14,0,LOG,00000,\"{}\",,,,,,,,,\"node\",\"client backend\",,0\n",
                message.replace('"', "\"\"")
            ),
            _ => format!(
                "{}\n",
                serde_json::json!({"timestamp": time, "user": "app", "dbname": "db", "pid": 4310,
                    "session_id": "69afd002.10d6", "line_num": at, "ps": "SELECT",
                    "session_start": "2026-03-10 08:00:00 UTC", "vxid": "3/14",
                    "error_severity": "LOG", "message": message})
            ),
        });
    }
    out
}

fn read(format: &Format, text: &str) -> Kept {
    let mut kept = Kept::default();
    let mut parser = (format.open)(text.as_bytes(), &Setting::default());
    for record in records_of(text.as_bytes(), format.framing) {
        parser.record(&record, Place::default(), &mut kept);
    }
    parser.end(&mut kept);
    assert_eq!(kept.unparsed, 0);
    kept
}

/// Statement, parameters and rows of each event, the same in all forms.
fn told(messages: &[&str]) -> Vec<(String, String, Option<u64>)> {
    let mut all = [
        ("stderr", stderr::FORMAT),
        ("csv", csvlog::FORMAT),
        ("json", jsonlog::FORMAT),
    ]
    .map(|(form, format)| {
        let text = written(form, messages);
        assert!((format.claim)(text.as_bytes()) >= messages.len(), "{text}");
        let events = read(&format, &text).events;
        let told = events.iter().map(|event| {
            let event = event.event();
            assert_eq!(event.db_role, "app", "{form}");
            let texts = (event.statement.to_owned(), event.parameters.to_owned());
            (texts.0, texts.1, event.rows)
        });
        told.collect::<Vec<_>>()
    });
    assert_eq!(all[0], all[1]);
    assert_eq!(all[0], all[2]);
    std::mem::take(&mut all[0])
}

fn one(messages: &[&str]) -> (String, String, Option<u64>) {
    let mut told = told(messages);
    assert_eq!(told.len(), 1, "{told:?}");
    told.remove(0)
}

#[test]
fn a_statement_over_relations_is_counted_once() {
    let sql = "select *\n from customers c join orgs o using (org_id)";
    let of = |kind: &str, object: &str| {
        format!("AUDIT: {kind},4,1,READ,SELECT,TABLE,{object},\"{sql}\",\"3,\"\"a,b\"\"\",10")
    };
    let (customers, orgs) = (
        of("SESSION", "public.customers"),
        of("SESSION", "public.orgs"),
    );
    let object = of("OBJECT", "public.customers");
    let found = one(&[&customers, &orgs, &object]);
    assert_eq!(
        found,
        (sql.to_owned(), "$1 = '3', $2 = 'a,b'".to_owned(), Some(10))
    );
    // The same run may be logged by the server itself too.
    let ran = format!("duration: 0.700 ms  statement: {sql}");
    let found = one(&[&customers, &orgs, &ran]);
    assert_eq!((found.0.as_str(), found.2), (sql, Some(10)));
    // Another run of it is another.
    let again = customers.replace(",4,1,", ",5,1,");
    assert_eq!(told(&[&customers, &orgs, &again]).len(), 2);
    // What is said once is not said again.
    let silent = orgs.replace(&format!("\"{sql}\""), "<previously logged>");
    assert_eq!(one(&[&customers, &silent]).2, Some(10));
}

#[test]
fn an_execute_counts_as_what_it_runs() {
    let found = one(&[
        "AUDIT: SESSION,6,1,READ,SELECT,TABLE,public.customers,prepare q as select * from customers where id = $1,7,5",
        "AUDIT: SESSION,6,2,MISC,EXECUTE,,,execute q(7),<none>,0",
    ]);
    let sql = "select * from customers where id = $1";
    assert_eq!(found, (sql.to_owned(), "$1 = '7'".to_owned(), Some(5)));
}

#[test]
fn a_copy_says_no_rows_that_can_be_believed() {
    let copy =
        "AUDIT: SESSION,7,1,READ,SELECT,TABLE,public.customers,copy customers to stdout,<none>,0";
    let found = one(&[copy]);
    assert_eq!(
        (found.0.as_str(), found.2),
        ("copy customers to stdout", None)
    );
}

#[test]
fn a_plan_tells_rows_as_a_decimal_too() {
    for rows in ["10", "10.00"] {
        let plan = format!(
            "duration: 0.023 ms  plan:\n{{\n  \"Query Text\": \"select * from customers\",\n  \"Plan\": {{\n    \"Node Type\": \"Seq Scan\",\n    \"Relation Name\": \"customers\",\n    \"Actual Rows\": {rows},\n    \"Actual Loops\": 1,\n    \"Filter\": \"(org_id = 3)\"\n  }}\n}}"
        );
        let found = one(&[
            &plan,
            "duration: 0.700 ms  statement: select * from customers",
        ]);
        assert_eq!(
            (found.0.as_str(), found.2),
            ("select * from customers", Some(10))
        );
    }
}

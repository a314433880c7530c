//! Behind a transaction pooler with one server connection: another client of
//! the pool goes on as if nobody else were there, during the audit and after.

use super::super::check_at;
use super::{done, lab};
use crate::postgres::pooler::{STATE, ask, pooler};
use std::thread;

#[test]
fn another_client_of_the_pool_keeps_its_settings_and_may_write() {
    let lab = lab(&[]);
    lab.exec_blocking("create table public.zz_log (at int)");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let Some(pooled) = pooler(&lab, &["postgres"]).await else {
            return;
        };
        let other = pooled.other(&lab, "postgres").await;
        // Its own settings on the connection that both share.
        ask(
            &other,
            "set search_path = storage, public; set default_transaction_read_only = off",
        )
        .await;
        let before = ask(&other, STATE).await;
        let audit = thread::spawn({
            let url = pooled.url(&lab, "postgres");
            move || done(&check_at(&url))
        });
        let mut turns = 0;
        while !audit.is_finished() {
            turns += 1;
            assert_eq!(ask(&other, STATE).await, before, "during the audit");
            ask(
                &other,
                &format!("insert into public.zz_log values ({turns})"),
            )
            .await;
        }
        audit.join().expect("an audit");
        assert_eq!(ask(&other, STATE).await, before, "after the audit");
        ask(&other, "insert into public.zz_log values (0)").await;
        let kept = ask(&other, "select count(*) from public.zz_log").await;
        assert_eq!(kept[0][0], Some((turns + 1).to_string()));
    });
}

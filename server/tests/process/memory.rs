//! What memory a server at rest has.

use super::binary::{Running, post};
use crate::link_rig::eventually;
use std::time::Duration;

/// A hash takes 19 MiB; a little of that may be in use for something else by then. In KB.
const GIVEN_BACK: i64 = 14_000;

#[tokio::test]
async fn a_server_at_rest_gives_back_the_memory_of_its_last_password_hash() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::serve(data.path(), &[]);
    let sign_in = r#"{"sign":4,"ownerPhoneNumber":"13800000009","ownerPassword":"wrong-password","imei":"860000000000001","timetag":"20261126120000"}"#;
    let answer = server.ask(&post("/v1/sign", "application/json", sign_in));
    assert!(answer.contains("\"result\":"), "{answer}");
    let before = server.memory("RssAnon");
    let given_back = async || before - server.memory("RssAnon") >= GIVEN_BACK;
    eventually("memory is given back", Duration::from_secs(30), given_back).await;
}

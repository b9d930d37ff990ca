//! The program as a node: listed and drained from a shell, killed and started again.

use crate::process::binary::{Running, latchkey};

#[test]
fn nodes_are_listed_drained_and_removed_from_a_shell() {
    let data = tempfile::tempdir().unwrap();
    let shell = |arguments: &[&str]| {
        let output = latchkey(data.path(), arguments).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).unwrap())
    };
    let serve = ["serve", "--http", "127.0.0.1:0", "--node", "north", "--weight", "300"];
    let server = Running::start(&mut latchkey(data.path(), &serve));
    let row = || {
        let (done, said) = shell(&["node", "list"]);
        assert!(done, "{said}");
        let line = said.lines().find(|line| line.starts_with("north ")).unwrap().to_owned();
        line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(row()[..4], ["north", "-", "300", "live"]);
    let (done, said) = shell(&["node", "remove", "north"]);
    assert!(!done && said.contains("alive"), "{said}");
    assert!(shell(&["node", "drain", "north"]).0);
    assert_eq!(row()[3], "draining");
    assert!(shell(&["node", "undrain", "north"]).0);
    for wrong in ["south", "no name"] {
        assert!(!shell(&["node", "drain", wrong]).0);
    }
    server.terminate();
    server.ended();
    assert_eq!(row()[3], "stopped");
    assert!(shell(&["node", "remove", "north"]).0);
    assert!(!shell(&["node", "list"]).1.contains("north"));
}

#[test]
fn a_server_that_was_killed_begins_a_new_history_and_one_that_stopped_goes_on() {
    let data = tempfile::tempdir().unwrap();
    if crate::engine::database_of(data.path()).is_some() {
        // PostgreSQL keeps what it acknowledged, whatever becomes of a node.
        return;
    }
    let log_of_a_run = || {
        let running = Running::serve(data.path(), &[]);
        running.terminate();
        running.ended().1
    };
    let lost = "the last process did not end as it should";
    assert!(!log_of_a_run().contains(lost), "the first start has nothing to lose");
    assert!(!log_of_a_run().contains(lost));
    // Dropped, it is killed.
    drop(Running::serve(data.path(), &[]));
    assert!(log_of_a_run().contains(lost));
    assert!(!log_of_a_run().contains(lost));
}

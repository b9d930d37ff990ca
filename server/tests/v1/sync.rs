//! `POST /v1/SyncData/:yid`.

use crate::harness::{Answer, BUSINESS, OTHER_STAFF, STAFF, World, cabinet, free, stored};
use domain::token::{CompartmentRow, Payload};
use serde_json::json;

on_every_engine! {
    a_person_applies_only_what_they_scanned,
    the_same_sync_twice_changes_nothing,
    the_kiosk_itself_needs_no_scan,
    an_older_state_is_refused,
    rows_no_kiosk_could_have_made_are_refused,
}

async fn apply(world: &World, bearer: &str, rows: &[CompartmentRow]) -> Answer {
    world
        .post("/v1/SyncData/1234")
        .bearer(bearer)
        .json(&json!({ "data": rows }))
        .send()
        .await
}

async fn scan(world: &World, bearer: &str, token: &str) -> Answer {
    world
        .post("/v1/QrData")
        .bearer(bearer)
        .json(&json!({ "data": token }))
        .send()
        .await
}

async fn a_person_applies_only_what_they_scanned(world: World) {
    let kiosk = world.kiosk(1234).await;
    let (staff, other) = (world.bearer(STAFF).await, world.bearer(OTHER_STAFF).await);
    let rows = cabinet(&[stored(1, 1, Some("1002"))]);
    assert_eq!(apply(&world, &staff, &rows).await.refused(403), "rows-not-scanned");
    scan(&world, &staff, &kiosk.seal(&Payload::SaveToData(rows.clone())))
        .await
        .ok();
    assert_eq!(apply(&world, &other, &rows).await.refused(403), "rows-not-scanned");
    let invented = cabinet(&[stored(1, 1, Some("1003"))]);
    assert_eq!(apply(&world, &staff, &invented).await.refused(403), "rows-not-scanned");
    assert_eq!(
        (world.status_of("1002").await, world.status_of("1003").await),
        ("B".into(), "B".into())
    );
    let synced = apply(&world, &staff, &rows).await.ok();
    assert_eq!(synced["changed"], json!([{ "thingsSq": "1002", "status": "C" }]));
    let business = world.bearer(BUSINESS).await;
    assert_eq!(apply(&world, &business, &rows).await.refused(403), "not-yours");
}

async fn the_same_sync_twice_changes_nothing(world: World) {
    let kiosk = world.kiosk(1234).await;
    let staff = world.bearer(STAFF).await;
    let rows = cabinet(&[stored(2, 4, Some("1002"))]);
    scan(&world, &staff, &kiosk.seal(&Payload::SaveToData(rows.clone())))
        .await
        .ok();
    assert_eq!(apply(&world, &staff, &rows).await.ok()["stored"], 1);
    let again = apply(&world, &staff, &rows).await.ok();
    assert_eq!((&again["stored"], &again["changed"]), (&json!(0), &json!([])));
    assert_eq!(world.status_of("1002").await, "C");
}

async fn the_kiosk_itself_needs_no_scan(world: World) {
    let kiosk = world.kiosk(1234).await;
    let full = cabinet(&[stored(1, 2, Some("1002")), stored(1, 3, Some("1003"))]);
    assert_eq!(apply(&world, &kiosk.token, &full).await.ok()["stored"], 2);
    world.clock.forward_minutes(1);
    let one_left = cabinet(&[stored(1, 3, Some("1003"))]);
    let synced = apply(&world, &kiosk.token, &one_left).await.ok();
    assert_eq!(synced["changed"], json!([{ "thingsSq": "1002", "status": "D" }]));
}

async fn an_older_state_is_refused(world: World) {
    let kiosk = world.kiosk(1234).await;
    let staff = world.bearer(STAFF).await;
    let old = kiosk.seal(&Payload::SaveToData(cabinet(&[stored(1, 1, Some("1002"))])));
    world.clock.forward_minutes(2);
    apply(&world, &kiosk.token, &cabinet(&[])).await.ok();
    assert_eq!(scan(&world, &staff, &old).await.refused(409), "sync-outdated");
    assert_eq!(world.status_of("1002").await, "B");
}

async fn rows_no_kiosk_could_have_made_are_refused(world: World) {
    let kiosk = world.kiosk(1234).await;
    for rows in [vec![], vec![free(1, 1), free(1, 1)], vec![free(1, 1); 257]] {
        apply(&world, &kiosk.token, &rows).await.refused(422);
    }
    let dated = json!({ "data": cabinet(&[]), "date": "tomorrow" });
    world
        .post("/v1/SyncData/1234")
        .bearer(&kiosk.token)
        .json(&dated)
        .send()
        .await
        .refused(422);
}

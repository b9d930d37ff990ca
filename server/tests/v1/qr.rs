//! `POST /v1/QrData` and `GET /v1/QrImage/:data`.

use crate::harness::{BUSINESS, Device, OTHER_STAFF, STAFF, World, cabinet, deposited};
use domain::ids::Yid;
use domain::token::{Payload, TokenKey};
use serde_json::json;

on_every_engine! {
    a_deposit_code_is_answered_in_clear,
    a_code_is_accepted_once,
    expired_and_future_codes_are_rejected,
    codes_of_strangers_are_refused,
    any_changed_character_is_refused,
    what_a_kiosk_shows_is_read_and_what_it_reads_is_not,
    a_drawn_code_reads_back,
    only_codes_that_one_may_have_are_drawn,
}

async fn read(world: &World, phone: &str, token: &str) -> crate::harness::Answer {
    let bearer = world.bearer(phone).await;
    world
        .post("/v1/QrData")
        .bearer(&bearer)
        .json(&json!({ "data": token }))
        .send()
        .await
}

async fn a_deposit_code_is_answered_in_clear(world: World) {
    let kiosk = world.kiosk(1234).await;
    let body = read(&world, STAFF, &kiosk.deposit_code(1, 3)).await.ok();
    assert_eq!((&body["cmd"], &body["yid"]), (&json!("OpenToSave"), &json!(1234)));
    assert_eq!(body["date"], json!(world.now().to_iso()));
    let data = &body["data"];
    assert_eq!(
        (&data["jumper"], &data["serial"], &data["label"]),
        (&json!(1), &json!(3), &json!("A3"))
    );
    assert_eq!(data["pwd"], json!(deposited(1, 3).pwd));
    assert_eq!(
        body["next"],
        json!({ "method": "PUT", "href": "/v1/Powermeter/OpenToSave/:thingsSq" })
    );
}

async fn a_code_is_accepted_once(world: World) {
    let kiosk = world.kiosk(1234).await;
    let token = kiosk.deposit_code(1, 3);
    read(&world, STAFF, &token).await.ok();
    assert_eq!(read(&world, OTHER_STAFF, &token).await.refused(409), "code-used");
}

async fn expired_and_future_codes_are_rejected(world: World) {
    let kiosk = world.kiosk(1234).await;
    let payload = Payload::OpenToSave(deposited(1, 1));
    let old = kiosk.seal_at(world.now().plus(-601_000), &payload);
    assert_eq!(read(&world, STAFF, &old).await.refused(410), "code-expired");
    let early = kiosk.seal_at(world.now().plus(601_000), &payload);
    assert_eq!(read(&world, STAFF, &early).await.refused(422), "code-from-future");
    let late = kiosk.seal_at(world.now().plus(-599_000), &payload);
    read(&world, STAFF, &late).await.ok();
}

async fn codes_of_strangers_are_refused(world: World) {
    let kiosk = world.kiosk(1234).await;
    let other_secret = Device {
        key: TokenKey::new(b"iloveyang"),
        ..world.kiosk(1235).await
    };
    assert_eq!(
        read(&world, STAFF, &other_secret.deposit_code(1, 1)).await.refused(400),
        "code-damaged"
    );
    let unknown = Device {
        yid: Yid(99),
        ..world.kiosk(1235).await
    };
    assert_eq!(
        read(&world, STAFF, &unknown.deposit_code(1, 1)).await.refused(404),
        "code-foreign"
    );
    // Signed with the secret of one kiosk, and claiming to be another.
    let claims_another = Device {
        yid: Yid(1235),
        ..kiosk
    };
    assert_eq!(
        read(&world, STAFF, &claims_another.deposit_code(1, 1))
            .await
            .refused(400),
        "code-damaged"
    );
}

async fn any_changed_character_is_refused(world: World) {
    let kiosk = world.kiosk(1234).await;
    let token = kiosk.deposit_code(2, 2);
    for at in (0..token.len()).step_by(17) {
        let mut bytes = token.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let answer = read(&world, STAFF, &String::from_utf8(bytes).unwrap()).await;
        assert!((400..500).contains(&answer.status), "{at}: {}", answer.text());
    }
    read(&world, STAFF, &token).await.ok();
}

async fn what_a_kiosk_shows_is_read_and_what_it_reads_is_not(world: World) {
    let kiosk = world.kiosk(1234).await;
    let data = kiosk.seal(&Payload::SaveToData(cabinet(&[])));
    let body = read(&world, STAFF, &data).await.ok();
    assert_eq!(body["data"].as_array().unwrap().len(), 8);
    assert_eq!(body["next"]["href"], "/v1/SyncData/1234");
    assert_eq!(
        read(&world, STAFF, &kiosk.seal(&Payload::SyncDate)).await.refused(422),
        "code-kind"
    );
    assert_eq!(
        read(&world, BUSINESS, &kiosk.deposit_code(1, 1)).await.refused(403),
        "not-yours"
    );
}

async fn a_drawn_code_reads_back(world: World) {
    let kiosk = world.kiosk(1234).await;
    let token = kiosk.deposit_code(1, 3);
    let bearer = world.bearer(STAFF).await;
    let image = world.get(&format!("/v1/QrImage/{token}")).bearer(&bearer).send().await;
    assert_eq!((image.status, image.header("content-type")), (200, "image/png"));
    assert_eq!(image.header("cache-control"), "no-store");
    let mut reader = png::Decoder::new(std::io::Cursor::new(&image.body))
        .read_info()
        .unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!(
        (info.width, info.height, info.bit_depth),
        (400, 400, png::BitDepth::One)
    );
    let grey = |x: usize, y: usize| {
        if pixels[y * 50 + x / 8] & (0x80 >> (x % 8)) == 0 {
            0
        } else {
            255
        }
    };
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(400, 400, grey);
    let (_, read) = prepared.detect_grids()[0].decode().unwrap();
    assert_eq!(read, token);
    for request in [
        world.get(&format!("/v1/QrImage/{token}?format=svg")),
        world
            .get(&format!("/v1/QrImage/{token}"))
            .header("accept", "image/svg+xml"),
    ] {
        let image = request.bearer(&bearer).send().await;
        assert_eq!((image.status, image.header("content-type")), (200, "image/svg+xml"));
        assert!(image.text().starts_with("<svg"));
    }
}

async fn only_codes_that_one_may_have_are_drawn(world: World) {
    let kiosk = world.kiosk(1234).await;
    let staff = world.bearer(STAFF).await;
    let business = world.bearer(BUSINESS).await;
    let draw = async |token: &str, bearer: &str| world.get(&format!("/v1/QrImage/{token}")).bearer(bearer).send().await;
    draw("x", &staff).await.refused(400);
    draw("a.b.c", &staff).await.refused(400);
    let clock = kiosk.seal(&Payload::SyncDate);
    assert_eq!(draw(&clock, &business).await.refused(403), "not-yours");
    assert_eq!(draw(&clock, &staff).await.status, 200);
    let take = kiosk.seal(&Payload::OpenToTake(deposited(1, 1)));
    assert_eq!(draw(&take, &staff).await.refused(403), "not-yours");
    draw(&take, &business).await.refused(403);
    let answer = world
        .get(&format!("/v1/QrImage/{clock}?format=gif"))
        .bearer(&staff)
        .send()
        .await;
    answer.refused(422);
}

//! `/operator/import`: orders from a file, looked at first, then imported; what is refused is put together and mended.

use crate::harness::{Answer, MINE, OPERATOR, STAFF, World};
use crate::pages::guards_import::{address, imported, report, sent};
use backend::locker::orders;
use domain::ids::ThingsSq;

on_every_engine! {
    equal_refusals_are_shown_once_with_their_values_and_mended_by_one_tap,
    a_script_gets_the_address_of_the_file_or_words,
    an_import_that_was_left_says_how_far_it_came_and_goes_on,
    a_file_is_read_again_in_the_encoding_a_person_chooses,
    nobody_else_sees_a_file,
    the_file_of_refused_rows_can_be_mended_and_sent_again,
}

const PATH: &str = "/operator/import";
const HEADER: &str = "thingsSq,customerNo,customerName,address,meterKind,business\n";

fn rows(from: u32, to: u32, business: &str) -> String {
    (from..to)
        .map(|row| format!("{row},{row},김,서울,LP,{business}\n"))
        .collect()
}

async fn page(world: &World, cookie: &str, path: &str) -> Answer {
    world.get(path).cookie(cookie).header("cookie", "lang=en").send().await
}

async fn send(world: &World, cookie: &str, path: &str, testid: &str) -> Answer {
    let fields = world.hidden(cookie, path, testid).await;
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    world.post(path).cookie(cookie).form(&fields).send().await
}

async fn equal_refusals_are_shown_once_with_their_values_and_mended_by_one_tap(world: World) {
    let cookie = world.cookie(OPERATOR).await;
    let nasty = "<script>alert(1)</script>";
    let file = format!(
        "{HEADER}{}{}{}",
        rows(5001, 5003, MINE),
        rows(5003, 5503, "새 업체"),
        rows(5503, 5505, nasty)
    );
    let shown = sent(&world, PATH, &cookie, file.as_bytes()).await;
    assert_eq!(report(&shown), [2, 0, 502]);
    let text = shown.text();
    assert_eq!(text.matches("data-testid=\"refusal-group\"").count(), 1);
    assert_eq!(text.matches("data-testid=\"refused-value\"").count(), 2);
    assert!(text.contains("새 업체") && !text.contains(nasty));
    let after = imported(&world, &cookie, &shown).await;
    assert_eq!(report(&after), [0, 2, 502]);
    // The most frequent one stands first.
    let path = address(&shown);
    let mended = send(&world, &cookie, &path, "add-this-business").await;
    assert_eq!(mended.header("location"), format!("{path}?notice=business-added"));
    let after = page(&world, &cookie, &path).await;
    assert_eq!(report(&after), [500, 2, 2]);
    assert_eq!(report(&imported(&world, &cookie, &after).await), [0, 502, 2]);
}

async fn a_script_gets_the_address_of_the_file_or_words(world: World) {
    let cookie = world.cookie(OPERATOR).await;
    let send = async |content: String| {
        let head = "--X\r\ncontent-disposition: form-data; name=\"file\"; filename=\"o.csv\"\r\n\r\n";
        let body = [head.as_bytes(), content.as_bytes(), b"\r\n--X--\r\n"].concat();
        let ask = world.post(PATH).cookie(&cookie).header("accept", "application/json");
        ask.body("multipart/form-data; boundary=X", body).send().await
    };
    let taken = send(format!("{HEADER}{}", rows(1, 2, MINE))).await;
    assert_eq!(taken.status, 200);
    assert!(
        taken.header("location").starts_with("/operator/import/"),
        "{}",
        taken.header("location")
    );
    let refused = send("a,b\n1,2\n".to_owned()).await;
    assert_eq!(refused.status, 422);
    assert!(refused.json()["words"].as_str().unwrap().contains('a'));
}

async fn an_import_that_was_left_says_how_far_it_came_and_goes_on(world: World) {
    let cookie = world.cookie(OPERATOR).await;
    let file = format!("{HEADER}{}", rows(20_000, 32_000, MINE));
    let path = address(&sent(&world, PATH, &cookie, file.as_bytes()).await);
    let fields = world.hidden(&cookie, &path, "run-form").await;
    let mut fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    // As the script sends it, once; then the window is closed.
    fields.push(("brief", "true"));
    fields.retain(|(name, _)| *name != "do");
    let first = world
        .post("/do/operator/run-import")
        .cookie(&cookie)
        .form(&fields)
        .send()
        .await;
    let done = first.json()["made"].as_u64().unwrap();
    assert!((200..12_000).contains(&done), "{done}");
    assert_eq!(first.json()["next"], done.to_string());
    let list = page(&world, &cookie, PATH).await.text().replace("<!>", "");
    assert!(list.contains("of 12,000 rows are imported"), "{list}");
    let left = page(&world, &cookie, &path).await;
    assert!(left.text().contains("Go on importing"));
    assert_eq!(report(&imported(&world, &cookie, &left).await), [0, 12_000, 0]);
    let operator = world.person(OPERATOR).await;
    orders::get(&world.backend, &operator, &ThingsSq("31999".to_owned()))
        .await
        .unwrap();
}

async fn a_file_is_read_again_in_the_encoding_a_person_chooses(world: World) {
    let cookie = world.cookie(OPERATOR).await;
    let (korean, ..) = encoding_rs::EUC_KR.encode("휑뎅");
    let file = [HEADER.as_bytes(), b"1,1,", &korean, b",Seoul,LP,Nobody\n"].concat();
    let shown = sent(&world, PATH, &cookie, &file).await;
    assert!(
        shown.text().contains("data-testid=\"encoding-asked\""),
        "{}",
        shown.text()
    );
    let path = address(&shown);
    let korean = page(&world, &cookie, &format!("{path}?encoding=euc-kr")).await.text();
    assert!(korean.contains("휑뎅") && korean.contains("data-testid=\"sample-row\""));
    let unknown = page(&world, &cookie, &format!("{path}?encoding=klingon")).await;
    assert_eq!(unknown.status, 422);
}

async fn nobody_else_sees_a_file(world: World) {
    let cookie = world.cookie(OPERATOR).await;
    let shown = sent(
        &world,
        PATH,
        &cookie,
        format!("{HEADER}{}", rows(1, 2, MINE)).as_bytes(),
    )
    .await;
    let path = address(&shown);
    let id = path.rsplit('/').next().unwrap();
    let refused = format!("/operator/import/refused.csv?upload={id}");
    let staff = world.cookie(STAFF).await;
    for path in [&path, &refused] {
        assert_eq!(page(&world, &staff, path).await.status, 403, "{path}");
    }
    for path in [
        "/operator/import/none-such",
        "/operator/import/refused.csv",
        "/operator/import/a%2Fb",
    ] {
        assert_eq!(page(&world, &cookie, path).await.status, 404, "{path}");
    }
    let removed = send(&world, &cookie, &path, "discard").await;
    assert_eq!(removed.header("location"), "/operator/import?notice=upload-discarded");
    assert_eq!(page(&world, &cookie, &path).await.status, 404);
}

async fn the_file_of_refused_rows_can_be_mended_and_sent_again(world: World) {
    let cookie = world.cookie(OPERATOR).await;
    let file = format!("{HEADER}7001,7001,김,서울,LP,{MINE}\n7002,7002,=1+1,\"a,\"\"b\"\"\",LP,어디\n");
    let path = address(&sent(&world, PATH, &cookie, file.as_bytes()).await);
    let id = path.rsplit('/').next().unwrap();
    let refused = page(&world, &cookie, &format!("/operator/import/refused.csv?upload={id}")).await;
    assert!(refused.header("content-disposition").contains("refused.csv"));
    let mended = refused.text().replace("어디", MINE);
    let shown = sent(&world, PATH, &cookie, mended.as_bytes()).await;
    assert_eq!(report(&shown), [1, 0, 0]);
    imported(&world, &cookie, &shown).await;
    let operator = world.person(OPERATOR).await;
    let order = orders::get(&world.backend, &operator, &ThingsSq("7002".to_owned()))
        .await
        .unwrap();
    assert_eq!(
        (order.customer_name.as_str(), order.address.as_str()),
        ("=1+1", "a,\"b\"")
    );
}

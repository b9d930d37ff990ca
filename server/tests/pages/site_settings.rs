//! `/operator/settings` and the picture of the deployment.

use crate::harness::{Answer, OPERATOR, STAFF, World};

on_every_engine! {
    what_an_operator_sets_stands_on_every_page,
    a_logo_is_served_as_a_picture_and_nothing_else,
    a_file_that_is_no_picture_or_too_large_is_refused_in_words,
    nobody_but_an_operator_sends_a_logo,
    the_page_of_all_components_is_there_with_sample_data_only,
}

const PATH: &str = "/operator/settings/logo";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0";

async fn upload(world: &World, cookie: &str, file: &[u8]) -> Answer {
    let head = "--X\r\ncontent-disposition: form-data; name=\"file\"; filename=\"logo.png\"\r\ncontent-type: image/png\r\n\r\n";
    let body = [head.as_bytes(), file, b"\r\n--X--\r\n"].concat();
    world
        .post(PATH)
        .cookie(cookie)
        .header("cookie", "lang=en")
        .body("multipart/form-data; boundary=X", body)
        .send()
        .await
}

/// Posts a form of the page of settings.
async fn send(world: &World, cookie: &str, fields: &[(&str, &str)]) -> Answer {
    world
        .post("/operator/settings")
        .cookie(cookie)
        .form(fields)
        .send()
        .await
}

/// What somebody who is not signed in sees.
async fn sign_in_page(world: &World) -> String {
    world.get("/sign-in").header("cookie", "lang=en").send().await.text()
}

async fn what_an_operator_sets_stands_on_every_page(world: World) {
    let operator = world.cookie(OPERATOR).await;
    let fields = [
        ("do", "/do/operator/save-site"),
        ("name", "서울 <b>전력"),
        ("contact", "02-123-4567"),
        ("language", "zh"),
        ("overdue_days", "14"),
    ];
    let answer = send(&world, &operator, &fields).await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (303, "/operator/settings?notice=saved")
    );
    let page = sign_in_page(&world).await;
    assert!(page.contains("서울 &lt;b") && !page.contains("서울 <b>"), "{page}");
    let start = world.get("/").header("accept-language", "fr").send().await.text();
    assert!(
        start.contains("02-123-4567") && start.contains("<html lang=\"zh\""),
        "{start}"
    );
    let start = world.get("/").header("accept-language", "ko").send().await.text();
    assert!(
        start.contains("<html lang=\"ko\""),
        "what a browser asks for goes before"
    );
    let page = world
        .get("/operator/settings")
        .cookie(&operator)
        .header("cookie", "lang=en")
        .send()
        .await
        .text();
    assert_eq!(page.matches("data-testid=\"setting-change\"").count(), 3);
    assert!(page.contains(OPERATOR), "who did it");
    // What is wrong is said beside its field, and what was typed stays.
    let wrong = [
        ("do", "/do/operator/save-site"),
        ("name", "다른 이름"),
        ("overdue_days", "0"),
    ];
    let answer = send(&world, &operator, &wrong).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains("id=\"overdue_days-problem\"") && answer.text().contains("다른 이름"));
}

async fn a_logo_is_served_as_a_picture_and_nothing_else(world: World) {
    let operator = world.cookie(OPERATOR).await;
    let answer = upload(&world, &operator, PNG).await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (303, "/operator/settings?notice=saved")
    );
    let page = sign_in_page(&world).await;
    let (_, rest) = page
        .split_once("src=\"/logo/")
        .expect("the logo stands in the head of every page");
    let address = format!("/logo/{}", rest.split('"').next().unwrap());
    let picture = world.get(&address).send().await;
    assert_eq!((picture.status, picture.header("content-type")), (200, "image/png"));
    assert_eq!(picture.header("x-content-type-options"), "nosniff");
    assert!(
        picture
            .header("content-security-policy")
            .starts_with("default-src 'none'")
    );
    assert!(picture.header("cache-control").contains("immutable"));
    assert_eq!(picture.body, PNG);
    assert_eq!(world.get("/logo/other.png").send().await.status, 404);
    let fields = [("do", "/do/operator/remove-logo")];
    let answer = send(&world, &operator, &fields).await;
    assert_eq!(answer.status, 303);
    assert_eq!(world.get(&address).send().await.status, 404);
}

async fn a_file_that_is_no_picture_or_too_large_is_refused_in_words(world: World) {
    let operator = world.cookie(OPERATOR).await;
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
    let large = [PNG, &vec![0; 10 * 1024 * 1024]].concat();
    for (file, words) in [
        (&svg[..], "SVG files are not accepted"),
        (&large, "at most 256 KB"),
        (b"", "Choose a file first"),
    ] {
        let answer = upload(&world, &operator, file).await;
        assert!(answer.status >= 400, "{words}: {}", answer.status);
        assert!(answer.text().contains(words), "{words}: {}", answer.text());
        assert!(answer.text().contains("data-testid=\"logo-form\""), "the way on");
    }
    let page = sign_in_page(&world).await;
    assert!(!page.contains("/logo/"));
}

async fn nobody_but_an_operator_sends_a_logo(world: World) {
    let staff = world.cookie(STAFF).await;
    assert_eq!(upload(&world, &staff, PNG).await.status, 403);
    let page = sign_in_page(&world).await;
    assert!(!page.contains("/logo/"));
}

/// With sample data a browser test looks at it (`end2end/operator/settings.spec.ts`).
async fn the_page_of_all_components_is_there_with_sample_data_only(world: World) {
    for cookie in [None, Some(world.cookie(OPERATOR).await)] {
        let ask = world.get("/style").header("cookie", "lang=en");
        let ask = match &cookie {
            Some(cookie) => ask.cookie(cookie),
            None => ask,
        };
        let answer = ask.send().await;
        assert_eq!(answer.status, 404);
        assert!(answer.text().contains("Not found") && !answer.text().contains("data-testid=\"components\""));
    }
}

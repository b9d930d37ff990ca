//! The files of the site as browsers load them: which page asks for which, and how many bytes that is.

use crate::harness::{BUSINESS, OWNER, STAFF, World};

on_every_engine! {
    a_page_on_which_something_moves_asks_for_its_wasm_file_in_its_head,
    the_files_of_every_role_stay_within_their_budgets,
    what_a_phone_keeps_of_the_site_stays_within_its_budget,
    a_part_that_is_loaded_later_is_served_to_its_own_version_only,
}

/// Everything between the page's head tags.
async fn head(world: &World, phone: Option<&str>, path: &str) -> String {
    let asked = world.get(path);
    let asked = match phone {
        Some(phone) => asked.cookie(&world.cookie(phone).await),
        None => asked,
    };
    let answer = asked.send().await;
    assert_eq!(answer.status, 200, "{path}");
    answer.text().split("</head>").next().unwrap().to_owned()
}

/// Where the files of this version are.
fn directory(head: &str) -> &str {
    let (before, _) = head.split_once("page.js").expect("every page loads page.js");
    &before[before.rfind("/pkg/").unwrap()..]
}

async fn a_page_on_which_something_moves_asks_for_its_wasm_file_in_its_head(world: World) {
    for (phone, path, file) in [
        (Some(STAFF), "/staff/scan", Some("scan")),
        (Some(STAFF), "/staff/orders", Some("staff")),
        (Some(OWNER), "/owner", Some("owner")),
        (Some(BUSINESS), "/business/orders", Some("staff")),
        (Some(STAFF), "/staff/kiosks", None),
        (None, "/kiosk", Some("kiosk")),
    ] {
        let head = head(&world, phone, path).await;
        let script = head.matches("rel=\"modulepreload\"").count();
        assert_eq!(script, usize::from(file.is_some()), "{path}: {head}");
        assert_eq!(head.matches("_bg.wasm").count(), script, "{path}: {head}");
        if let Some(file) = file {
            let at = directory(&head);
            assert!(head.contains(&format!("href=\"{at}{file}.js\"")), "{path}: {head}");
            assert!(head.contains(&format!("href=\"{at}{file}_bg.wasm\"")), "{path}: {head}");
            assert!(head.contains(&format!("data-wasm=\"{file}\"")), "{path}: {head}");
        }
    }
}

/// What a kiosk with lock boards loads later: what speaks to them, and what that shares with the next one.
const BOARDS: [&str; 2] = ["split_boards.wasm", "chunk_3.wasm"];
/// What a kiosk loads for staff: the tabs of their area, the technician's pages, and the page before it is a kiosk.
const STAFF_TABS: &str = "split_staff.wasm";

/// In bytes, compressed.
async fn the_files_of_every_role_stay_within_their_budgets(world: World) {
    let head = head(&world, None, "/kiosk").await;
    let at = directory(&head);
    for (pages, files, parts, most) in [
        ("owner", &["owner"][..], &[][..], 88_000),
        ("staff and business", &["staff"], &[], 95_000),
        ("staff, with the scanner", &["scan", "decoder"], &[], 135_000),
        ("kiosk", &["kiosk", "decoder"], &[], 310_000),
        ("kiosk with lock boards", &["kiosk", "decoder"], &BOARDS, 320_000),
        ("kiosk's staff area", &[], &[STAFF_TABS], 68_000),
    ] {
        let scripts = files.iter().map(|file| format!("{at}{file}.js"));
        let wasm = files.iter().map(|file| format!("{at}{file}_bg.wasm"));
        let later = parts.iter().map(|file| format!("{at}{file}"));
        let mut bytes = 0;
        for path in scripts.chain(wasm).chain(later).chain([format!("{at}page.js")]) {
            let answer = world.get(&path).header("accept-encoding", "br").send().await;
            assert_eq!(
                answer.status, 200,
                "{path}: build the site first, with scripts/build.sh"
            );
            assert_eq!(answer.header("content-encoding"), "br", "{path}");
            bytes += answer.body.len();
        }
        assert!(bytes <= most, "{pages}: {bytes} bytes, at most {most} are allowed");
    }
}

async fn a_part_that_is_loaded_later_is_served_to_its_own_version_only(world: World) {
    let head = head(&world, None, "/kiosk").await;
    let at = directory(&head);
    let asked = |path: String| world.get(&path).send();
    for part in BOARDS.into_iter().chain([STAFF_TABS]) {
        assert_eq!(asked(format!("{at}{part}")).await.status, 200, "{part}");
        assert_eq!(
            asked(format!("/pkg/0123456789abcdef/{part}")).await.status,
            404,
            "{part}"
        );
    }
    assert_eq!(asked("/pkg/0123456789abcdef/kiosk.js".to_owned()).await.status, 200);
}

/// In bytes, compressed: what a service worker of ours fetches before there is no network.
async fn what_a_phone_keeps_of_the_site_stays_within_its_budget(world: World) {
    const MOST: usize = 250_000;
    let head = head(&world, None, "/offline").await;
    let at = directory(&head);
    let worker = world.get("/sw.js").send().await.text();
    let files = |list: &str| {
        let (_, rest) = worker
            .split_once(&format!("const {list} = ["))
            .expect("a list of files");
        let (files, _) = rest.split_once(']').unwrap();
        let paths = files
            .split(',')
            .map(|file| format!("{at}{}", file.trim().trim_matches('"')));
        paths.collect::<Vec<_>>()
    };
    let everybody = files("FILES").into_iter().chain(["/offline".to_owned()]);
    let everybody: Vec<String> = everybody.collect();
    let staff = files("SCAN_FILES").into_iter().chain(["/offline/scan".to_owned()]);
    for (role, least, more) in [
        ("staff", 100_000, staff.collect()),
        ("business", 50_000, files("CODE_FILES")),
    ] {
        let mut bytes = 0;
        for path in everybody.iter().chain(&more) {
            let answer = world.get(path).header("accept-encoding", "br").send().await;
            assert_eq!(answer.status, 200, "{path}");
            bytes += answer.body.len();
        }
        assert!((least..=MOST).contains(&bytes), "{role}: {bytes} bytes");
    }
}

//! The files of the site as browsers load them: which page asks for which, and how many bytes that is.

use crate::harness::{BUSINESS, OWNER, STAFF, World};

on_every_engine! {
    a_page_on_which_something_moves_asks_for_its_wasm_file_in_its_head,
    the_files_of_every_role_stay_within_their_budgets,
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

/// What a kiosk loads only for lock boards and for the technician.
const BOARDS: &str = "split_boards.wasm";

/// In bytes, compressed.
async fn the_files_of_every_role_stay_within_their_budgets(world: World) {
    let head = head(&world, None, "/kiosk").await;
    let at = directory(&head);
    for (pages, files, parts, most) in [
        ("owner", &["owner"][..], &[][..], 88_000),
        ("staff and business", &["staff"], &[], 95_000),
        ("staff, with the scanner", &["scan", "decoder"], &[], 135_000),
        ("kiosk", &["kiosk", "decoder"], &[], 310_000),
        ("kiosk with lock boards", &["kiosk", "decoder"], &[BOARDS], 370_000),
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
    assert_eq!(asked(format!("{at}{BOARDS}")).await.status, 200);
    assert_eq!(asked(format!("/pkg/0123456789abcdef/{BOARDS}")).await.status, 404);
    assert_eq!(asked("/pkg/0123456789abcdef/kiosk.js".to_owned()).await.status, 200);
}

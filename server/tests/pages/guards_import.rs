//! `/operator/guards/import`: the inventory from a file, on a page.

use crate::harness::{Answer, BUSINESS, OPERATOR, OWNER, STAFF, World};
use backend::guard::{inventory, link};
use domain::guard::ids::GuardId;

on_every_engine! {
    guards_of_a_file_come_into_the_inventory_once,
    a_bad_row_is_named_and_keeps_no_good_one_out,
    a_key_is_never_replaced_and_never_shown,
    nobody_but_an_operator_imports_guards,
}

const PATH: &str = "/operator/guards/import";

/// Sends a file; answers the page that shows what is in it, or the refusal.
async fn upload(world: &World, cookie: &str, file: &[u8]) -> Answer {
    sent(world, PATH, cookie, file).await
}

/// Sends a file to a page of files; answers the page that shows what is in it, or the refusal.
pub async fn sent(world: &World, path: &str, cookie: &str, file: &[u8]) -> Answer {
    let head =
        "--X\r\ncontent-disposition: form-data; name=\"file\"; filename=\"rows.csv\"\r\ncontent-type: text/csv\r\n\r\n";
    let body = [head.as_bytes(), file, b"\r\n--X--\r\n"].concat();
    let answer = world
        .post(path)
        .cookie(cookie)
        .header("cookie", "lang=en")
        .body("multipart/form-data; boundary=X", body)
        .send()
        .await;
    if answer.status == 303 && !answer.header("location").starts_with("/sign-in") {
        return shown(world, cookie, answer.header("location")).await;
    }
    answer
}

async fn shown(world: &World, cookie: &str, path: &str) -> Answer {
    world.get(path).cookie(cookie).header("cookie", "lang=en").send().await
}

/// Imports the file that this page shows, as its form does without a script; answers the page that follows.
pub async fn imported(world: &World, cookie: &str, page: &Answer) -> Answer {
    let path = address(page);
    let fields = world.hidden(cookie, &path, "run-form").await;
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    let answer = world.post(&path).cookie(cookie).form(&fields).send().await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (303, path.as_str()),
        "{}",
        answer.text()
    );
    shown(world, cookie, &path).await
}

/// The address of the page that shows a file.
pub fn address(page: &Answer) -> String {
    let text = page.text();
    let (_, rest) = text
        .split_once("name=\"upload_id\" value=\"")
        .unwrap_or_else(|| panic!("{text}"));
    format!("/operator/import/{}", rest.split_once('"').unwrap().0)
}

/// A number the page shows.
pub fn counted(page: &str, testid: &str) -> u32 {
    let (_, rest) = page.split_once(testid).unwrap_or_else(|| panic!("{page}"));
    let (_, rest) = rest.split_once('>').unwrap();
    let digits: String = rest
        .chars()
        .take_while(|c| c.is_ascii_digit() || *c == ',')
        .filter(char::is_ascii_digit)
        .collect();
    digits.parse().unwrap()
}

/// Rows that would be added, are there already and are refused, as the page says.
pub fn report(answer: &Answer) -> [u32; 3] {
    assert_eq!(answer.status, 200, "{}", answer.text());
    ["rows-added", "rows-unchanged", "rows-refused"].map(|testid| counted(&answer.text(), testid))
}

async fn inventory(world: &World) -> Vec<String> {
    let operator = world.person(OPERATOR).await;
    let devices = inventory::list(&world.backend, &operator, "", None, 200).await.unwrap();
    devices
        .rows
        .into_iter()
        .map(|device| device.of.guard_id.to_string())
        .collect()
}

async fn guards_of_a_file_come_into_the_inventory_once(world: World) {
    let operator = world.cookie(OPERATOR).await;
    let file = "\u{feff}deviceKey;guardId\r\nfirst-device-key-1;G0001\r\n\"second-device-key\";\"门 \"\"2\"\"\"\r\n"
        .as_bytes();
    let page = upload(&world, &operator, file).await;
    assert_eq!(report(&page), [2, 0, 0]);
    assert!(inventory(&world).await.is_empty(), "only looked at");
    assert_eq!(report(&imported(&world, &operator, &page).await), [0, 2, 0]);
    assert_eq!(report(&upload(&world, &operator, file).await), [0, 2, 0]);
    assert_eq!(inventory(&world).await, ["G0001", "门 \"2\""]);
    let guard = GuardId::parse("门 \"2\"").unwrap();
    let key = link::device_key(&world.backend, &guard).await.unwrap().unwrap();
    assert_eq!(key.expose(), "second-device-key");
    let list = world.get("/operator/guards").cookie(&operator).send().await.text();
    assert_eq!(list.matches("data-testid=\"guard-row\"").count(), 2);
}

async fn a_bad_row_is_named_and_keeps_no_good_one_out(world: World) {
    let operator = world.cookie(OPERATOR).await;
    let file = format!(
        "guardId,deviceKey\nG0001,a-good-device-key\n,a-good-device-key\nG0002,short\nG0003,with blanks in the key\nG0004\n{},a-good-device-key\nG0005,another-device-key\nG0005,a-third-device-key\n",
        "G".repeat(65)
    );
    let page = upload(&world, &operator, file.as_bytes()).await;
    assert_eq!(report(&page), [2, 0, 6]);
    imported(&world, &operator, &page).await;
    let path = format!(
        "/operator/import/refused.csv?upload={}",
        address(&page).rsplit('/').next().unwrap()
    );
    let refused = shown(&world, &operator, &path).await.text();
    let lines: Vec<&str> = refused
        .lines()
        .skip(1)
        .map(|row| row.split(',').nth(2).unwrap())
        .collect();
    assert_eq!(lines, ["3", "4", "5", "6", "7", "9"]);
    assert!(
        refused.starts_with("\u{feff}guardId,deviceKey,#line,#why\r\n"),
        "{refused}"
    );
    assert_eq!(inventory(&world).await, ["G0001", "G0005"]);
    let guard = GuardId::parse("G0005").unwrap();
    let key = link::device_key(&world.backend, &guard).await.unwrap().unwrap();
    assert_eq!(key.expose(), "another-device-key");
}

async fn a_key_is_never_replaced_and_never_shown(world: World) {
    let operator = world.cookie(OPERATOR).await;
    let page = upload(&world, &operator, b"guardId,deviceKey\nG0001,the-first-device-key\n").await;
    imported(&world, &operator, &page).await;
    let again = upload(&world, &operator, b"guardId,deviceKey\nG0001,the-other-device-key\n").await;
    assert_eq!(report(&again), [0, 0, 1]);
    assert!(!again.text().contains("device-key\n") && !again.text().contains("the-other"));
    let key = link::device_key(&world.backend, &GuardId::parse("G0001").unwrap()).await;
    assert_eq!(key.unwrap().unwrap().expose(), "the-first-device-key");
}

async fn nobody_but_an_operator_imports_guards(world: World) {
    let file = b"guardId,deviceKey\nG0001,a-good-device-key\n";
    for phone in [STAFF, BUSINESS, OWNER] {
        let cookie = world.cookie(phone).await;
        let answer = upload(&world, &cookie, file).await;
        assert_eq!(answer.status, 403, "{phone}");
    }
    let nobody = upload(&world, "latchkey=nobody", file).await;
    assert_eq!(
        (nobody.status, nobody.header("location")),
        (303, "/sign-in?next=%2Foperator%2Fguards%2Fimport")
    );
    assert!(inventory(&world).await.is_empty());
}

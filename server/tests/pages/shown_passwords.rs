//! The digits of a door's password are in the answer to whom asks for them by a form, and on no page.

use crate::harness::World;
use crate::sign_rig::{GUARD, LI, SECRET, ZHANG};
use crate::{pages::inhabited::inhabit, sign_rig::add_password};
use domain::people::Role;

on_every_engine! {
    digits_are_on_no_page_and_shown_to_their_owner_who_asks,
    a_name_is_shown_to_the_owner_and_refused_where_it_is_none,
}

const MADE: &str = "97531086";
const REVEAL: &str = "/do/owner/reveal-password";

async fn digits_are_on_no_page_and_shown_to_their_owner_who_asks(world: World) {
    let inhabited = inhabit(&world).await;
    let (_, owner) = inhabited.people.iter().find(|(role, _)| *role == Role::Owner).unwrap();
    let path = format!("/owner/guards/{GUARD}/new-password");
    let hidden = world.hidden(owner, &path, "new-password-form").await;
    let mut fields: Vec<(&str, &str)> = hidden.iter().map(|(name, value)| (&**name, &**value)).collect();
    fields.extend([("span", "month"), ("digits", MADE), ("for_whom", "刘洋")]);
    let made = world.post(&path).cookie(owner).form(&fields).send().await;
    assert!(made.status == 200 && made.text().contains(MADE), "{}", made.text());
    assert!(!made.text().contains(&format!("data-props=\"{MADE}")));

    let digits = ["135790", MADE];
    for path in inhabited.pages() {
        for (role, cookie) in &inhabited.people {
            let page = world.get(&path).cookie(cookie).send().await.text();
            assert!(
                digits.iter().all(|digits| !page.contains(digits)),
                "{role:?} {path}: {page}"
            );
        }
    }
    let file = world.get("/owner/records.csv").cookie(owner).send().await.text();
    assert!(digits.iter().all(|digits| !file.contains(digits)), "{file}");

    // By the form of its page, and by the function.
    let page = format!("/owner/guards/{GUARD}/passwords/password-1");
    let ask = [("do", REVEAL), ("guard_id", GUARD), ("service_numb", "password-1")];
    let shown = world.post(&page).cookie(owner).form(&ask).send().await;
    assert!(
        shown.status == 200 && shown.text().contains(">135790<"),
        "{}",
        shown.text()
    );
    for (what, numb, status) in [
        (GUARD, "password-1", 200),
        (GUARD, "nothing", 404),
        ("G9", "password-1", 404),
    ] {
        let fields = [("guard_id", what), ("service_numb", numb)];
        let answer = world.post(REVEAL).cookie(owner).form(&fields).send().await;
        assert_eq!(answer.status, status, "{what} {numb}: {}", answer.text());
    }
    // Somebody above, or anybody else, does not get them.
    let other = world.cookie_by(LI, SECRET).await;
    for function in [REVEAL, "/do/owner/reveal-default-passwords"] {
        let fields = [("guard_id", GUARD), ("service_numb", "password-1")];
        let answer = world.post(function).cookie(&other).form(&fields).send().await;
        assert!(
            answer.status >= 400 && !answer.text().contains("135790"),
            "{function}: {}",
            answer.text()
        );
    }
}

async fn a_name_is_shown_to_the_owner_and_refused_where_it_is_none(world: World) {
    let ([zhang, ..], _session) = world.family().await;
    assert_eq!(world.result(&zhang, add_password(&world, "by-sign", "135790")).await, 0);
    let cookie = world.cookie_by(ZHANG, SECRET).await;
    let path = format!("/owner/guards/{GUARD}/new-password");
    let hidden = world.hidden(&cookie, &path, "new-password-form").await;
    let send = async |name: &str| {
        let mut fields: Vec<(&str, &str)> = hidden.iter().map(|(name, value)| (&**name, &**value)).collect();
        fields.extend([("span", "hour"), ("for_whom", name)]);
        world.post(&path).cookie(&cookie).form(&fields).send().await
    };
    let long = "长".repeat(65);
    let refused = send(&long).await;
    let text = refused.text();
    assert!(
        refused.status == 422 && text.contains("id=\"for_whom-problem\"") && text.contains(&long),
        "{text}"
    );
    assert_eq!(send("快递 <b>").await.status, 200);
    let page = world
        .get(&format!("/owner/guards/{GUARD}"))
        .cookie(&cookie)
        .send()
        .await
        .text();
    assert!(page.contains("快递 &lt;b&gt;") && !page.contains("快递 <b>"), "{page}");
}

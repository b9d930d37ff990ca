//! Forms that make something, sent more than once.

use crate::harness::{Answer, OPERATOR, STAFF, World};
use crate::sign_rig::{GUARD, LI, SECRET, ZHANG};
use backend::guard::{cards, passwords};
use backend::locker::orders;
use backend::{businesses, once, people};
use domain::guard::ids::GuardId;
use domain::ids::{Phone, ThingsSq};
use domain::people::Person;

on_every_engine! {
    three_taps_make_one_password,
    three_taps_make_one_card,
    a_form_that_was_changed_is_rejected_and_keeps_what_was_typed,
    a_form_is_forgotten_after_a_day,
    a_registration_sent_again_signs_in,
    a_key_is_worth_nothing_to_anybody_else,
    a_form_that_was_refused_may_be_corrected,
    what_is_shown_once_is_shown_again_to_the_same_form,
    an_operators_forms_make_one_of_each,
    a_form_without_a_key_means_each_request,
}

const NEW_PASSWORD: &str = "/owner/guards/G0001/new-password";
const NEW_CARD: &str = "/owner/guards/G0001/new-card";
const CARD: [(&str, &str); 4] = [
    ("name", "赵敏"),
    ("card_numb", "110101199003071234"),
    ("start_time", "2099-01-01T10:00"),
    ("end_time", "2099-02-01T10:00"),
];

/// What the form on this page sends without being filled in, its one-use key among it.
type Hidden = Vec<(String, String)>;

async fn hidden(world: &World, cookie: &str, path: &str) -> Hidden {
    world.hidden(cookie, path, "").await
}

/// The form with these hidden fields, filled in and sent by somebody.
async fn send(world: &World, cookie: &str, path: &str, hidden: &Hidden, fields: &[(&str, &str)]) -> Answer {
    let given = |name: &str| fields.iter().any(|(own, _)| *own == name);
    let own = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let mut filled: Vec<(&str, &str)> = own.filter(|(name, _)| !given(name)).collect();
    filled.extend(fields);
    world.post(path).cookie(cookie).form(&filled).send().await
}

/// Sent three times at once and once more afterwards; answers what each of them was told.
async fn four_times(world: &World, cookie: &str, path: &str, fields: &[(&str, &str)]) -> [Answer; 4] {
    four_times_with(world, cookie, path, &hidden(world, cookie, path).await, fields).await
}

/// The same of the form with these hidden fields.
async fn four_times_with(
    world: &World,
    cookie: &str,
    path: &str,
    hidden: &Hidden,
    fields: &[(&str, &str)],
) -> [Answer; 4] {
    let tap = || send(world, cookie, path, hidden, fields);
    let (one, two, three) = tokio::join!(tap(), tap(), tap());
    [one, two, three, tap().await]
}

fn one_address(answers: &[Answer; 4]) -> String {
    let addresses: Vec<&str> = answers.iter().map(|answer| answer.header("location")).collect();
    assert!(
        answers.iter().all(|answer| answer.status == 303),
        "{}",
        answers[1].text()
    );
    assert!(
        !addresses[0].is_empty() && addresses.iter().all(|address| *address == addresses[0]),
        "{addresses:?}"
    );
    addresses[0].to_owned()
}

/// The digits that an answer shows.
fn digits(answer: &Answer) -> String {
    let text = answer.text();
    assert_eq!(answer.status, 200, "{} {text}", answer.header("location"));
    let (_, rest) = text.split_once("data-testid=\"digits\"").expect(&text);
    let (_, rest) = rest.split_once('>').unwrap();
    rest.split('<').next().unwrap().to_owned()
}

async fn zhang(world: &World) -> (Person, String) {
    world.family().await;
    (world.person(ZHANG).await, world.cookie_by(ZHANG, SECRET).await)
}

fn guard() -> GuardId {
    GuardId::parse(GUARD).unwrap()
}

async fn count_passwords(world: &World, who: &Person) -> usize {
    let listed = passwords::list(&world.backend, who, &who.phone, &guard())
        .await
        .unwrap();
    listed.passwords.len()
}

async fn three_taps_make_one_password(world: World) {
    let (who, cookie) = zhang(&world).await;
    let answers = four_times(&world, &cookie, NEW_PASSWORD, &[("span", "hour")]).await;
    let shown = answers.each_ref().map(digits);
    assert!(shown.iter().all(|digits| *digits == shown[0]), "{shown:?}");
    assert_eq!(count_passwords(&world, &who).await, 1);
    // The page as it is loaded again makes another one.
    let answers = four_times(&world, &cookie, NEW_PASSWORD, &[("span", "hour")]).await;
    let again = answers.each_ref().map(digits);
    assert!(again.iter().all(|digits| *digits == again[0]), "{again:?}");
    assert_eq!(count_passwords(&world, &who).await, 2);
}

async fn three_taps_make_one_card(world: World) {
    let (who, cookie) = zhang(&world).await;
    one_address(&four_times(&world, &cookie, NEW_CARD, &CARD).await);
    let listed = cards::list(&world.backend, &who, &who.phone, &guard()).await.unwrap();
    assert_eq!(listed.len(), 1);
}

async fn a_form_that_was_changed_is_rejected_and_keeps_what_was_typed(world: World) {
    let (who, cookie) = zhang(&world).await;
    let form = hidden(&world, &cookie, NEW_PASSWORD).await;
    let fields = [("span", "hour"), ("digits", "1357")];
    let first = send(&world, &cookie, NEW_PASSWORD, &form, &fields).await;
    assert_eq!(digits(&first), "1357");
    let changed = [("span", "month"), ("digits", "2468")];
    let rejected = send(&world, &cookie, NEW_PASSWORD, &form, &changed).await;
    let text = rejected.text();
    assert_eq!(rejected.status, 422, "{text}");
    assert!(
        text.contains("data-testid=\"refusal\"") && text.contains("value=\"2468\""),
        "{text}"
    );
    assert_eq!(count_passwords(&world, &who).await, 1);
    let again = send(&world, &cookie, NEW_PASSWORD, &form, &fields).await;
    assert_eq!(digits(&again), "1357");
    // The form that is shown with the rejection has another key.
    let (_, rest) = text.split_once("name=\"once\" value=\"").unwrap();
    let fresh = rest.split_once('"').unwrap().0;
    let with_fresh = form.iter().map(|(name, value)| {
        let value = if name == "once" { fresh } else { value };
        (name.clone(), value.to_owned())
    });
    let made = send(&world, &cookie, NEW_PASSWORD, &with_fresh.collect(), &changed).await;
    assert_eq!(digits(&made), "2468");
    assert_eq!(count_passwords(&world, &who).await, 2);
}

async fn a_form_is_forgotten_after_a_day(world: World) {
    let (who, cookie) = zhang(&world).await;
    let form = hidden(&world, &cookie, NEW_PASSWORD).await;
    let month = [("span", "month"), ("digits", "1357")];
    assert_eq!(
        digits(&send(&world, &cookie, NEW_PASSWORD, &form, &month).await),
        "1357"
    );
    // A day later for the key; the session, whose time is the real one, goes on.
    world
        .sql(&format!(
            "UPDATE idempotency_keys SET ends = ends - {}",
            once::KEPT_MS + 1
        ))
        .await;
    world.backend.sweep().await.unwrap();
    assert_eq!(
        digits(&send(&world, &cookie, NEW_PASSWORD, &form, &month).await),
        "1357"
    );
    assert_eq!(count_passwords(&world, &who).await, 2);
}

async fn a_registration_sent_again_signs_in(world: World) {
    let fields = [
        ("name", "王芳"),
        ("phone", "13800000009"),
        ("password", "correct horse battery"),
    ];
    let form = hidden(&world, "", "/register").await;
    let tap = || send(&world, "", "/register", &form, &fields);
    let (one, two, three) = tokio::join!(tap(), tap(), tap());
    for answer in [one, two, three, tap().await] {
        assert_eq!(answer.status, 303, "{}", answer.text());
        assert!(
            answer.header("location").starts_with("/owner"),
            "{}",
            answer.header("location")
        );
        let cookie = answer.headers["set-cookie"]
            .to_str()
            .unwrap()
            .split(';')
            .next()
            .unwrap()
            .to_owned();
        assert_eq!(world.get("/owner").cookie(&cookie).send().await.status, 200);
    }
    // With another password it is another request, and the number is taken by now.
    let other = [
        ("name", "王芳"),
        ("phone", "13800000009"),
        ("password", "another horse battery"),
    ];
    assert_eq!(send(&world, "", "/register", &form, &other).await.status, 422);
    world.cookie_by("13800000009", "correct horse battery").await;
}

async fn a_key_is_worth_nothing_to_anybody_else(world: World) {
    let (_, cookie) = zhang(&world).await;
    let form = hidden(&world, &cookie, NEW_PASSWORD).await;
    let made = digits(&send(&world, &cookie, NEW_PASSWORD, &form, &[("span", "hour")]).await);
    let other = world.cookie_by(LI, SECRET).await;
    let answer = send(&world, &other, NEW_PASSWORD, &form, &[("span", "hour")]).await;
    assert!(answer.status == 403 && !answer.text().contains(&made));
    let answer = send(&world, "", NEW_PASSWORD, &form, &[("span", "hour")]).await;
    assert_eq!(answer.status, 401);
    assert!(!answer.text().contains(&made));
}

async fn a_form_that_was_refused_may_be_corrected(world: World) {
    let (who, cookie) = zhang(&world).await;
    let form = hidden(&world, &cookie, NEW_PASSWORD).await;
    for _ in 0..2 {
        let refused = send(
            &world,
            &cookie,
            NEW_PASSWORD,
            &form,
            &[("span", "hour"), ("digits", "12")],
        )
        .await;
        assert_eq!(refused.status, 422);
        assert!(refused.text().contains("name=\"once\""));
    }
    let made = send(
        &world,
        &cookie,
        NEW_PASSWORD,
        &form,
        &[("span", "hour"), ("digits", "1234")],
    )
    .await;
    assert_eq!(digits(&made), "1234");
    assert_eq!(count_passwords(&world, &who).await, 1);
}

async fn what_is_shown_once_is_shown_again_to_the_same_form(world: World) {
    let cookie = world.cookie(OPERATOR).await;
    let person = [
        ("phone", "01055556666"),
        ("name", "새 사람"),
        ("role", "staff"),
        ("how", "generated"),
    ];
    let answers = four_times(&world, &cookie, "/operator/people/new", &person).await;
    let passwords = shown_after(&world, &cookie, &answers, "password-once").await;
    assert!(
        passwords[0].len() > 8 && passwords.iter().all(|password| *password == passwords[0]),
        "{passwords:?}"
    );
    world.cookie_by("01055556666", &passwords[0]).await;
    // Another one for the same person is another password, and the one before is over.
    let path = "/operator/people/01055556666";
    let form = world.hidden(&cookie, path, "password-form").await;
    let answers = four_times_with(&world, &cookie, path, &form, &[("how", "generated")]).await;
    let again = shown_after(&world, &cookie, &answers, "password-once").await;
    assert!(
        again[0] != passwords[0] && again.iter().all(|password| *password == again[0]),
        "{again:?}"
    );
    world.cookie_by("01055556666", &again[0]).await;
    // Until it was passed on, and to nobody else.
    let other = world.cookie(STAFF).await;
    assert_eq!(world.get(path).cookie(&other).send().await.status, 403);
    let hide = world.hidden(&cookie, path, "hide-secret").await;
    assert_eq!(send(&world, &cookie, path, &hide, &[]).await.status, 303);
    let kept = world.get(path).cookie(&cookie).send().await;
    assert!(!kept.text().contains(&again[0]));
}

/// What the pages show that these answers lead to.
async fn shown_after(world: &World, cookie: &str, answers: &[Answer; 4], test_id: &str) -> Vec<String> {
    let mut all = Vec::new();
    for answer in answers {
        assert_eq!(answer.status, 303, "{}", answer.text());
        let page = world.get(answer.header("location")).cookie(cookie).send().await;
        let text = page.text();
        let (_, rest) = text
            .split_once(&format!("data-testid=\"{test_id}\""))
            .expect("nothing is shown");
        let (_, rest) = rest.split_once('>').unwrap();
        all.push(rest.split_once('<').unwrap().0.to_owned());
    }
    all
}

async fn an_operators_forms_make_one_of_each(world: World) {
    let cookie = world.cookie(OPERATOR).await;
    one_address(&four_times(&world, &cookie, "/operator/businesses", &[("name", "새 업체")]).await);
    let order = [
        ("things_sq", "3001"),
        ("texts.customer_no", "300"),
        ("texts.customer_name", "홍길동"),
        ("texts.address", "서울"),
        ("texts.meter_kind", "단상"),
        ("texts.business", "새 업체"),
        ("status", "B"),
    ];
    one_address(&four_times(&world, &cookie, "/operator/new-order", &order).await);
    let kiosk = [
        ("yid", "77"),
        ("name", "새 키오스크"),
        ("address", "서울"),
        ("boards", "1"),
        ("ports", "4"),
        ("secret", ""),
    ];
    let answers = four_times(&world, &cookie, "/operator/kiosks/new", &kiosk).await;
    let shown = shown_after(&world, &cookie, &answers, "enrolment-code").await;
    assert!(shown.iter().all(|code| *code == shown[0]), "{shown:?}");
    let form = world.hidden(&cookie, "/operator/kiosks/77", "make-code").await;
    let answers = four_times_with(&world, &cookie, "/operator/kiosks/77", &form, &[]).await;
    let again = shown_after(&world, &cookie, &answers, "enrolment-code").await;
    assert!(
        again[0] != shown[0] && again.iter().all(|code| *code == again[0]),
        "{again:?}"
    );
    // The code that is shown is the one that counts.
    let digits: String = again[0].chars().filter(char::is_ascii_digit).collect();
    let body = serde_json::json!({ "code": digits });
    world.post("/v1/Kiosks/Enrol").json(&body).send().await.ok();
    let operator = world.person(OPERATOR).await;
    assert_eq!(
        businesses::list(&world.backend, &operator, "새", None, 10)
            .await
            .unwrap()
            .rows
            .len(),
        1
    );
    orders::get(&world.backend, &operator, &ThingsSq("3001".to_owned()))
        .await
        .unwrap();
    assert!(
        people::get(&world.backend, &Phone("01055556666".to_owned()))
            .await
            .unwrap()
            .is_none()
    );
}

async fn a_form_without_a_key_means_each_request(world: World) {
    let (who, cookie) = zhang(&world).await;
    let mut form = hidden(&world, &cookie, NEW_PASSWORD).await;
    form.retain(|(name, _)| name != "once");
    for _ in 0..2 {
        let answer = send(&world, &cookie, NEW_PASSWORD, &form, &[("span", "hour")]).await;
        assert_eq!(answer.status, 200);
    }
    assert_eq!(count_passwords(&world, &who).await, 2);
}

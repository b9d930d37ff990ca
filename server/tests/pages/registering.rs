//! Registering where numbers are verified, and what an operator does about a number that somebody else registered.

use crate::harness::{OPERATOR, PASSWORD, World};
use crate::sign_rig::{SECRET, ZHANG, registration, with};
use backend::notify::{self, Content, Message, NotSent, Notifier};
use serde_json::json;
use std::sync::{Arc, Mutex};

on_every_engine! {
    a_number_is_registered_with_the_code_sent_to_it,
    clients_register_with_the_code_sent_to_the_number,
    an_operator_gives_a_registered_number_to_the_person_who_holds_it,
}

const ASK: (&str, &str) = ("do", "/do/anyone/ask-registration-code");

/// Keeps the codes it is to send.
#[derive(Default)]
struct Phones(Mutex<Vec<String>>);

#[async_trait::async_trait]
impl Notifier for Phones {
    async fn send(&self, message: &Message) -> Result<(), NotSent> {
        if let Content::RegistrationCode { code, .. } = &message.content {
            self.0.lock().unwrap().push(code.clone());
        }
        Ok(())
    }
}

impl Phones {
    async fn code(&self, world: &World) -> String {
        notify::deliver_due(&world.backend).await.unwrap();
        self.0.lock().unwrap().pop().unwrap()
    }
}

async fn verifying(world: &World) -> (World, Arc<Phones>) {
    let phones = Arc::new(Phones::default());
    let notifier = phones.clone();
    let world = world.apart(world.now(), |config| {
        config.notifier = Some(notifier);
        config.verify_numbers = true;
    });
    (world.await, phones)
}

async fn a_number_is_registered_with_the_code_sent_to_it(world: World) {
    let plain = world.get("/register").send().await.text();
    assert!(plain.contains("data-testid=\"register-form\"") && !plain.contains("name=\"code\""));
    let (world, phones) = verifying(&world).await;
    let first = world.get("/register").send().await.text();
    assert!(first.contains("data-testid=\"ask-code-form\"") && !first.contains("register-form"));
    let asked = world
        .post("/register")
        .form(&[ASK, ("phone", "138 0000 0001")])
        .send()
        .await;
    assert_eq!(asked.status, 200, "{}", asked.text());
    assert!(asked.text().contains("data-testid=\"code-sent\"") && asked.text().contains("register-form"));
    let code = phones.code(&world).await;
    let send = async |code: &str, name: &str| {
        let fields = [
            ("do", "/do/anyone/register"),
            ("phone", ZHANG),
            ("name", name),
            ("code", code),
            ("password", PASSWORD),
        ];
        world.post("/register").form(&fields).send().await
    };
    for wrong in ["", "0", "00000000"] {
        let refused = send(wrong, "张三").await;
        assert_eq!(refused.status, 422, "{wrong}");
        // The form is there again with what was typed.
        let page = refused.text();
        assert!(
            page.contains("name=\"code\"") && page.contains("张三") && page.contains(ZHANG),
            "{page}"
        );
    }
    assert_eq!(send(&code, "").await.status, 422);
    let done = send(&code, "张三").await;
    assert_eq!(
        (done.status, done.header("location")),
        (303, "/owner?notice=registered")
    );
    // Nobody is told a code for a number that is taken.
    let again = world.post("/register").form(&[ASK, ("phone", ZHANG)]).send().await;
    assert_eq!(again.status, 422);
    assert!(again.text().contains("data-testid=\"ask-code-form\"") && again.text().contains("/forgotten"));
}

async fn clients_register_with_the_code_sent_to_the_number(world: World) {
    let (world, phones) = verifying(&world).await;
    let message = registration(&world, ZHANG, "张三");
    assert_eq!(world.say(&message).await["result"], 1);
    let code = phones.code(&world).await;
    assert_eq!(world.say(&with(message.clone(), "code", "12")).await["result"], 1);
    let done = world.say(&with(message.clone(), "code", code.as_str())).await;
    assert!(done["result"] == 0 && done["token"].is_string(), "{done}");
    assert_eq!(world.say(&message).await["result"], 2);
}

async fn an_operator_gives_a_registered_number_to_the_person_who_holds_it(world: World) {
    let ([token, ..], _guard) = world.family().await;
    let squatter = world.cookie_by(ZHANG, SECRET).await;
    let operator = world.cookie(OPERATOR).await;
    let add = async |phone: &str, more: &[(&str, &str)]| {
        let mut fields = vec![
            ("do", "/do/operator/add-person"),
            ("phone", phone),
            ("name", "박서준"),
            ("role", "staff"),
            ("how", "typed"),
            ("password", PASSWORD),
        ];
        fields.extend(more);
        world
            .post("/operator/people/new")
            .cookie(&operator)
            .form(&fields)
            .send()
            .await
    };
    let fresh = world.get("/operator/people/new").cookie(&operator).send().await.text();
    assert!(!fresh.contains("data-testid=\"reassign\""));
    let taken = add(ZHANG, &[]).await;
    assert_eq!(taken.status, 422);
    assert!(
        taken.text().contains("data-testid=\"reassign\"") && taken.text().contains("张三"),
        "{}",
        taken.text()
    );
    let text = taken.text();
    let (_, key) = text.split_once("name=\"once\" value=\"").unwrap();
    let key = key.split('"').next().unwrap();
    let person = format!("/operator/people/{ZHANG}");
    // Sent twice, as by two taps, it is done once.
    for _ in 0..2 {
        let done = add(ZHANG, &[("reassign", "true"), ("once", key)]).await;
        let led = (done.status, done.header("location"));
        assert_eq!(led, (303, &*format!("{person}?notice=person-added")), "{}", done.text());
    }
    let page = world
        .get(&person)
        .cookie(&operator)
        .header("accept-language", "en")
        .send()
        .await
        .text();
    assert!(page.contains("Number reassigned") && page.contains("박서준"), "{page}");
    assert_eq!(world.get("/owner").cookie(&squatter).send().await.status, 303);
    let list = json!({ "sign": 12, "ownerPhoneNumber": ZHANG });
    assert_eq!(world.result(&token, list).await, 1);
    let staff = world.cookie(ZHANG).await;
    assert_eq!(world.get("/staff").cookie(&staff).send().await.status, 200);
    // The number of somebody whom an operator added is not offered.
    let of_staff = add(OPERATOR, &[]).await;
    assert!(of_staff.status == 422 && !of_staff.text().contains("data-testid=\"reassign\""));
}

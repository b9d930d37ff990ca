//! Registering, signing in, names and passwords of owners.

use crate::both;
use crate::harness::{MINUTE, PASSWORD, World, phone};
use crate::notify::{Recorder, codes};
use backend::Backend;
use backend::access;
use backend::guard::directory::{self, Caller};
use backend::guard::owners::{self, Proof, Registrant};
use backend::people;
use domain::error::{Problem, Refusal};
use domain::guard::grades::Grade;
use domain::guard::ids::{Imei, OwnerName, OwnerPassword, ResetCode};
use domain::ids::Phone;
use domain::people::Role;
use sqlx::Row;
use std::sync::Arc;

const HERE: &str = "10.0.0.1";
const ZHANG: &str = "13800000001";

fn name(text: &str) -> OwnerName {
    OwnerName::parse(text).unwrap()
}

fn password(text: &str) -> OwnerPassword {
    OwnerPassword::parse(text).unwrap()
}

fn imei(text: &str) -> Imei {
    Imei::parse(text).unwrap()
}

async fn register_as(
    b: &Backend,
    from: &str,
    called: &str,
    number: &Phone,
    secret: &str,
    device: Option<&Imei>,
) -> Result<owners::SignedIn, Refusal> {
    let new = Registrant {
        name: &name(called),
        phone: number,
        password: &password(secret),
        imei: device,
        code: None,
    };
    owners::register(b, from, new).await
}

async fn register(w: &World) -> owners::SignedIn {
    register_as(&w.b, HERE, "张三", &phone(ZHANG), "短", Some(&imei("imei-1")))
        .await
        .unwrap()
}

both! {
    async fn an_owner_registers_once_with_any_password_and_signs_in_with_it(w: &World) {
        let registered = register(w).await;
        assert_eq!((registered.person.name.as_str(), registered.person.role), ("张三", Role::Owner));
        let access = access::verify(&w.b, &registered.token).await.unwrap();
        assert_eq!((&access.person, &access.imei), (&registered.person, &imei("imei-1")));
        assert_eq!(owners::devices(&w.b, &registered.person).await.unwrap().took_over_at, None);

        let again = register_as(&w.b, HERE, "李四", &phone(ZHANG), "x", None).await;
        assert_eq!(again, Err(Refusal::field("phone", Problem::Taken)));
        w.staff("01012345678").await;
        let staff = register_as(&w.b, HERE, "李四", &phone("01012345678"), "x", None).await;
        assert_eq!(staff, Err(Refusal::field("phone", Problem::Taken)));

        let signed_in = owners::sign_in(&w.b, HERE, &phone(ZHANG), &password("短"), Some(&imei("imei-1"))).await.unwrap();
        assert_eq!((signed_in.previous_imei, signed_in.grade), (imei("imei-1"), Grade::Alone));
        let wrong = owners::sign_in(&w.b, HERE, &phone(ZHANG), &password("长"), Some(&imei("imei-1"))).await;
        assert_eq!(wrong, Err(Refusal::WrongSignIn));
    }

    async fn of_two_who_register_one_number_at_once_one_succeeds(w: &World) {
        let other = w.another_node().await;
        let register = async |b| {
            register_as(b, HERE, "张三", &phone(ZHANG), "x", Some(&imei("1"))).await
        };
        let (one, two) = tokio::join!(register(&w.b), register(&other));
        assert_eq!([&one, &two].into_iter().filter(|result| result.is_ok()).count(), 1);
        let refused = if one.is_ok() { two } else { one };
        assert_eq!(refused, Err(Refusal::field("phone", Problem::Taken)));
    }

    async fn nobody_but_an_owner_signs_in_here(w: &World) {
        w.staff("01012345678").await;
        let refused = owners::sign_in(&w.b, HERE, &phone("01012345678"), &password(PASSWORD), None).await;
        assert_eq!(refused, Err(Refusal::WrongSignIn));
    }

    async fn the_previous_device_is_told_and_a_browser_is_no_device(w: &World) {
        register(w).await;
        let on = async |imei: Option<&Imei>| {
            owners::sign_in(&w.b, HERE, &phone(ZHANG), &password("短"), imei).await.unwrap().previous_imei
        };
        assert_eq!(on(Some(&imei("imei-2"))).await, imei("imei-1"));
        assert_eq!(on(None).await, imei("imei-2"));
        assert_eq!(on(Some(&imei("imei-2"))).await, imei("imei-2"));
        let who = people::get(&w.b, &phone(ZHANG)).await.unwrap().unwrap();
        let devices = owners::devices(&w.b, &who).await.unwrap();
        assert_eq!((devices.imei, devices.browsers), (imei("imei-2"), vec![]));
        assert!(devices.took_over_at.is_some());
    }

    async fn registering_is_limited_by_address(w: &World) {
        for number in 0..200 {
            let phone = phone(&format!("139{number:08}"));
            register_as(&w.b, HERE, "张三", &phone, "x", None).await.unwrap();
        }
        let refused = register_as(&w.b, HERE, "张三", &phone(ZHANG), "x", None).await;
        assert!(matches!(refused, Err(Refusal::TooMany { .. })));
        assert!(register_as(&w.b, "10.0.0.2", "张三", &phone(ZHANG), "x", None).await.is_ok());
    }

    async fn registering_one_number_is_limited_for_each_caller(w: &World) {
        register(w).await;
        let again = async |from: &str| register_as(&w.b, from, "李四", &phone(ZHANG), "x", None).await;
        for _ in 0..10 {
            assert_eq!(again("10.0.1.1").await, Err(Refusal::field("phone", Problem::Taken)));
        }
        assert!(matches!(again("10.0.1.1").await, Err(Refusal::TooMany { .. })));
        assert_eq!(again("10.0.2.1").await, Err(Refusal::field("phone", Problem::Taken)));
    }

    async fn where_numbers_are_verified_registering_takes_the_code_sent_there(w: &World) {
        let recorder = Arc::new(Recorder::default());
        let b = w.node_with(|config| {
            config.notifier = Some(recorder.clone());
            config.verify_numbers = true;
        }).await;
        let with = async |number: &str, code: Option<&str>| {
            let code = code.map(|code| ResetCode::parse(code).unwrap());
            let (name, phone, password) = (name("张三"), phone(number), password("短"));
            let new = Registrant { name: &name, phone: &phone, password: &password, imei: None, code: code.as_ref() };
            owners::register(&b, HERE, new).await.map(|signed_in| signed_in.person.phone)
        };
        let wrong = Err(Refusal::field("code", Problem::Contradicts));
        assert_eq!(with(ZHANG, None).await, Err(Refusal::field("code", Problem::Required)));
        assert_eq!(with(ZHANG, Some("00000000")).await, wrong, "none was asked for");
        owners::request_registration_code(&b, HERE, &phone(ZHANG)).await.unwrap();
        let sent = codes(&b, &recorder).await;
        assert_eq!((sent.len(), recorder.taken()[0].phone.as_str()), (1, ZHANG));
        assert_eq!(with("13800000002", Some(&sent[0])).await, wrong, "it is another number's");
        // It opens nothing else.
        let code = ResetCode::parse(&sent[0]).unwrap();
        let reset = owners::reset_password(&b, &phone(ZHANG), &password("新"), Proof::Code { code: &code, address: HERE }).await;
        assert_eq!(reset, wrong.clone().map(|_: Phone| ()));
        assert_eq!(with(ZHANG, Some(&sent[0])).await, Ok(phone(ZHANG)));
        assert_eq!(with(ZHANG, Some(&sent[0])).await, Err(Refusal::field("phone", Problem::Taken)));
        let taken = owners::request_registration_code(&b, HERE, &phone(ZHANG)).await;
        assert_eq!(taken, Err(Refusal::field("phone", Problem::Taken)));
        assert_eq!(codes(&b, &recorder).await.len(), 1, "nobody is written to who is registered");
        b.close().await;
    }

    async fn a_code_for_registering_ends_by_time_and_by_wrong_tries(w: &World) {
        let recorder = Arc::new(Recorder::default());
        let b = w.node_with(|config| {
            config.notifier = Some(recorder.clone());
            config.verify_numbers = true;
        }).await;
        let with = async |number: &str, code: &str| {
            let code = ResetCode::parse(code).unwrap();
            let (name, phone, password) = (name("张三"), phone(number), password("短"));
            let new = Registrant { name: &name, phone: &phone, password: &password, imei: None, code: Some(&code) };
            owners::register(&b, HERE, new).await.err()
        };
        let wrong = Some(Refusal::field("code", Problem::Contradicts));
        owners::request_registration_code(&b, HERE, &phone(ZHANG)).await.unwrap();
        owners::request_registration_code(&b, HERE, &phone("13800000002")).await.unwrap();
        let mut sent = codes(&b, &recorder).await;
        sent.sort_by_key(|code| recorder.taken().iter().position(|message| {
            matches!(&message.content, backend::notify::Content::RegistrationCode { code: this, .. } if this == code) && message.phone == phone(ZHANG)
        }).is_none());
        for _ in 0..5 {
            assert_eq!(with(ZHANG, "00000000").await, wrong);
        }
        assert_eq!(with(ZHANG, &sent[0]).await, wrong);
        w.pass(10 * MINUTE);
        assert_eq!(with("13800000002", &sent[1]).await, wrong);
        // Nobody has more codes sent.
        for _ in 0..2 {
            owners::request_registration_code(&b, HERE, &phone(ZHANG)).await.unwrap();
        }
        let more = owners::request_registration_code(&b, HERE, &phone(ZHANG)).await;
        assert!(matches!(more, Err(Refusal::TooMany { .. })));
        b.sweep().await.unwrap();
        assert_eq!(w.sql("SELECT phone FROM registration_codes").await.len(), 1);
        b.close().await;
    }

    async fn strangers_neither_end_nor_replace_a_code_that_was_asked_for(w: &World) {
        register(w).await;
        let recorder = Arc::new(Recorder::default());
        let b = w.node_with(|config| config.notifier = Some(recorder.clone())).await;
        let ask = async |from: &str| owners::request_reset_code(&b, from, &phone(ZHANG)).await;
        let with = async |from: &str, code: &str| {
            let code = ResetCode::parse(code).unwrap();
            owners::reset_password(&b, &phone(ZHANG), &password("新"), Proof::Code { code: &code, address: from }).await
        };
        let wrong = Err(Refusal::field("code", Problem::Contradicts));
        ask(HERE).await.unwrap();
        let mut sent = codes(&b, &recorder).await;
        assert_eq!(sent.len(), 1);
        for stranger in 0..10 {
            let from = format!("10.9.0.{stranger}");
            ask(&from).await.unwrap();
            for _ in 0..5 {
                assert_eq!(with(&from, "00000000").await, wrong);
            }
            assert!(matches!(with(&from, "00000000").await, Err(Refusal::TooMany { .. })));
        }
        assert_eq!(codes(&b, &recorder).await.len(), 1, "no other code was sent");
        assert_eq!(with(HERE, &sent.pop().unwrap()).await, Ok(()));
        b.close().await;
    }

    async fn a_code_a_stranger_asked_for_can_be_used_and_is_replaced_in_time(w: &World) {
        register(w).await;
        let recorder = Arc::new(Recorder::default());
        let b = w.node_with(|config| config.notifier = Some(recorder.clone())).await;
        let with = async |from: &str, code: &str| {
            let code = ResetCode::parse(code).unwrap();
            owners::reset_password(&b, &phone(ZHANG), &password("新"), Proof::Code { code: &code, address: from }).await
        };
        owners::request_reset_code(&b, "10.9.0.1", &phone(ZHANG)).await.unwrap();
        let first = codes(&b, &recorder).await.pop().unwrap();
        w.pass(6 * MINUTE);
        owners::request_reset_code(&b, HERE, &phone(ZHANG)).await.unwrap();
        let second = codes(&b, &recorder).await.pop().unwrap();
        assert!(with(HERE, &first).await.is_err());
        assert_eq!(with("10.0.0.77", &second).await, Ok(()), "from another address too");
        b.close().await;
    }

    async fn asking_for_a_code_leaves_the_same_traces_for_every_number(w: &World) {
        register(w).await;
        let recorder = Arc::new(Recorder::default());
        let b = w.node_with(|config| config.notifier = Some(recorder.clone())).await;
        for number in [ZHANG, "13899999999"] {
            owners::request_reset_code(&b, HERE, &phone(number)).await.unwrap();
            assert_eq!(w.sql(&format!("SELECT phone FROM reset_codes WHERE phone = '{number}'")).await.len(), 1);
        }
        assert_eq!(codes(&b, &recorder).await.len(), 1, "only an owner is sent one");
        b.close().await;
    }

    async fn an_address_asks_for_few_codes_and_tries_few(w: &World) {
        let recorder = Arc::new(Recorder::default());
        let b = w.node_with(|config| config.notifier = Some(recorder.clone())).await;
        let number = |at: usize| phone(&format!("139{at:08}"));
        for at in 0..30 {
            owners::request_reset_code(&b, HERE, &number(at)).await.unwrap();
        }
        assert!(matches!(owners::request_reset_code(&b, HERE, &number(30)).await, Err(Refusal::TooMany { .. })));
        owners::request_reset_code(&b, "10.0.0.2", &number(30)).await.unwrap();

        let code = ResetCode::parse("12345678").unwrap();
        let tries = async |at: usize| {
            owners::reset_password(&b, &number(at), &password("新"), Proof::Code { code: &code, address: HERE }).await
        };
        for at in 0..50 {
            assert_eq!(tries(at).await, Err(Refusal::field("code", Problem::Contradicts)));
        }
        assert!(matches!(tries(50).await, Err(Refusal::TooMany { .. })));
        b.close().await;
    }

    async fn an_owner_renames_themselves(w: &World) {
        let who = register(w).await.person;
        owners::rename(&w.b, &who, &name("王五")).await.unwrap();
        assert_eq!(people::get(&w.b, &who.phone).await.unwrap().unwrap().name, "王五");
        let staff = w.staff("01012345678").await;
        assert_eq!(owners::rename(&w.b, &staff, &name("王五")).await, Err(Refusal::NotYours));
    }

    async fn a_new_password_ends_everything_that_was_signed_in(w: &World) {
        let registered = register(w).await;
        let browser = owners::sign_in(&w.b, HERE, &phone(ZHANG), &password("短"), None).await.unwrap();
        let other = w.owner("13800000002").await;
        let foreign = owners::reset_password(&w.b, &phone(ZHANG), &password("新"), Proof::SignedIn(&other)).await;
        assert_eq!(foreign, Err(Refusal::NotYours));
        assert!(access::verify(&w.b, &registered.token).await.is_ok());

        owners::reset_password(&w.b, &phone(ZHANG), &password("新"), Proof::SignedIn(&registered.person)).await.unwrap();
        for token in [&registered.token, &browser.token] {
            assert_eq!(access::verify(&w.b, token).await, Err(Refusal::NotSignedIn));
        }
        let fresh = owners::sign_in(&w.b, HERE, &phone(ZHANG), &password("新"), Some(&imei("imei-1"))).await.unwrap();
        assert!(access::verify(&w.b, &fresh.token).await.unwrap().current);
    }

    async fn a_code_sets_a_new_password_once(w: &World) {
        register(w).await;
        let recorder = Arc::new(Recorder::default());
        let b = w.node_with(|config| config.notifier = Some(recorder.clone())).await;
        owners::request_reset_code(&b, HERE, &phone(ZHANG)).await.unwrap();
        owners::request_reset_code(&b, HERE, &phone("13899999999")).await.unwrap();
        let codes = codes(&b, &recorder).await;
        assert_eq!(codes.len(), 1);
        let stored: String = w.sql("SELECT code_hash FROM reset_codes").await[0].get(0);
        assert!(!stored.contains(&codes[0]), "a reader of the database knows no code");

        let with = async |code: &str, new: &str| {
            let code = ResetCode::parse(code).unwrap();
            owners::reset_password(&b, &phone(ZHANG), &password(new), Proof::Code { code: &code, address: HERE }).await
        };
        let wrong = Err(Refusal::field("code", Problem::Contradicts));
        assert_eq!(with("00000000", "新").await, wrong);
        assert_eq!(with(&codes[0], "新").await, Ok(()));
        assert_eq!(with(&codes[0], "再").await, wrong);
        assert!(owners::sign_in(&b, HERE, &phone(ZHANG), &password("新"), None).await.is_ok());
        b.close().await;
    }

    async fn a_code_counts_for_ten_minutes_and_five_tries(w: &World) {
        register(w).await;
        let recorder = Arc::new(Recorder::default());
        let b = w.node_with(|config| config.notifier = Some(recorder.clone())).await;
        let with = async |code: &str| {
            let code = ResetCode::parse(code).unwrap();
            owners::reset_password(&b, &phone(ZHANG), &password("新"), Proof::Code { code: &code, address: HERE }).await
        };
        owners::request_reset_code(&b, HERE, &phone(ZHANG)).await.unwrap();
        let late = codes(&b, &recorder).await.pop().unwrap();
        w.pass(10 * MINUTE);
        assert!(with(&late).await.is_err());

        owners::request_reset_code(&b, HERE, &phone(ZHANG)).await.unwrap();
        let tried = codes(&b, &recorder).await.pop().unwrap();
        for _ in 0..5 {
            assert!(with("12").await.is_err());
        }
        assert!(with(&tried).await.is_err());

        owners::request_reset_code(&b, HERE, &phone(ZHANG)).await.unwrap();
        let refused = owners::request_reset_code(&b, HERE, &phone(ZHANG)).await;
        assert!(matches!(refused, Err(Refusal::TooMany { .. })));
        let good = codes(&b, &recorder).await.pop().unwrap();
        assert_eq!(with(&format!(" {}-{} ", &good[..4], &good[4..])).await, Ok(()));
        b.close().await;
    }

    async fn the_directory_answers_the_advertised_host_or_the_one_that_was_used(w: &World) {
        register(w).await;
        let caller = Caller { address: HERE, reached: "192.0.2.9:3000" };
        let (known, unknown) = (phone(ZHANG), phone("13899999999"));
        assert_eq!(directory::owner_host(&w.b, caller, &known).await.unwrap(), "192.0.2.9");
        assert_eq!(directory::owner_host(&w.b, caller, &unknown).await, Err(Refusal::Unknown));
        assert_eq!(directory::allocate_owner(&w.b, caller, &known).await, Err(Refusal::Exists));
        let b = w.node_with(|config| config.advertise = Some("door.example".to_owned())).await;
        assert_eq!(directory::allocate_owner(&b, caller, &unknown).await.unwrap(), "door.example");
        for _ in 0..60 {
            let _limited_in_the_end = directory::allocate_owner(&b, caller, &unknown).await;
        }
        assert!(matches!(directory::owner_host(&b, caller, &unknown).await, Err(Refusal::TooMany { .. })));
        b.close().await;
    }
}

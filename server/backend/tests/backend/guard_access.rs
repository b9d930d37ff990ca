//! How long tokens and legacy windows speak for an owner.

use crate::both;
use crate::harness::{DAY, MINUTE, PASSWORD, World, phone};
use backend::access;
use backend::guard::owners;
use backend::{Actor, Backend, people};
use domain::error::Refusal;
use domain::guard::ids::{AccessToken, Imei, OwnerPassword};
use std::time::Duration;

const HERE: &str = "10.0.0.1";
const ZHANG: &str = "13800000001";

async fn sign_in(b: &Backend, address: &str, imei: Option<&str>) -> AccessToken {
    let password = OwnerPassword::parse(PASSWORD).unwrap();
    let imei = imei.map(|imei| Imei::parse(imei).unwrap());
    let signed_in = owners::sign_in(b, address, &phone(ZHANG), &password, imei.as_ref()).await;
    signed_in.unwrap().token
}

both! {
    async fn a_token_counts_on_every_node_for_thirty_days(w: &World) {
        w.owner(ZHANG).await;
        let token = sign_in(&w.b, HERE, Some("a")).await;
        let other = w.another_node().await;
        assert_eq!(access::verify(&other, &token).await.unwrap().person.phone, phone(ZHANG));
        w.pass(30 * DAY - MINUTE);
        assert!(access::verify(&other, &token).await.is_ok());
        w.pass(MINUTE);
        assert_eq!(access::verify(&w.b, &token).await, Err(Refusal::NotSignedIn));
        other.close().await;
    }

    async fn anything_changed_in_a_token_is_refused(w: &World) {
        w.owner(ZHANG).await;
        let token = sign_in(&w.b, HERE, Some("a")).await;
        let text = token.as_str();
        let (message, signature) = text.rsplit_once('.').unwrap();
        let none = format!("eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIn0.{}", text.split('.').nth(1).unwrap());
        for wrong in [
            "x".to_owned(),
            "..".to_owned(),
            message.to_owned(),
            format!("{message}."),
            format!("{message}.{}", &signature[1..]),
            format!("{none}."),
            format!("{none}.{signature}"),
            text.replacen("eyJ0", "eyJ1", 1),
            format!("{}x.{signature}", message),
        ] {
            let token = AccessToken::parse(&wrong).unwrap();
            assert_eq!(access::verify(&w.b, &token).await, Err(Refusal::NotSignedIn), "{wrong}");
        }
    }

    async fn another_device_ends_the_older_one_once_it_was_told(w: &World) {
        w.owner(ZHANG).await;
        let old = sign_in(&w.b, HERE, Some("a")).await;
        let again = sign_in(&w.b, HERE, Some("a")).await;
        let web = sign_in(&w.b, HERE, None).await;
        assert!(access::verify(&w.b, &old).await.unwrap().current);

        let new = sign_in(&w.b, HERE, Some("b")).await;
        let access_of_old = access::verify(&w.b, &old).await.unwrap();
        assert!(!access_of_old.current);
        assert_eq!(access_of_old.imei.as_str(), "b");
        access::told(&w.b, &access_of_old).await.unwrap();
        for ended in [&old, &again] {
            assert_eq!(access::verify(&w.b, ended).await, Err(Refusal::NotSignedIn));
        }
        for good in [&new, &web] {
            let access = access::verify(&w.b, good).await.unwrap();
            assert!(access.current);
            access::told(&w.b, &access).await.unwrap();
            assert!(access::verify(&w.b, good).await.is_ok());
        }
    }

    async fn a_token_of_a_later_time_than_a_restored_database_knows_is_nobodys(w: &World) {
        w.owner(ZHANG).await;
        sign_in(&w.b, HERE, Some("a")).await;
        let later = sign_in(&w.b, HERE, Some("b")).await;
        w.sql("UPDATE owners SET epoch = epoch - 1, imei = 'a', superseded_at = NULL").await;
        assert_eq!(access::verify(&w.b, &later).await, Err(Refusal::NotSignedIn));
    }

    async fn a_device_that_never_asks_ends_after_ten_minutes(w: &World) {
        w.owner(ZHANG).await;
        let old = sign_in(&w.b, HERE, Some("a")).await;
        sign_in(&w.b, HERE, Some("b")).await;
        w.pass(10 * MINUTE);
        assert!(access::verify(&w.b, &old).await.is_ok());
        w.pass(1);
        assert_eq!(access::verify(&w.b, &old).await, Err(Refusal::NotSignedIn));
    }

    async fn a_disabled_owner_has_no_tokens_also_afterwards(w: &World) {
        w.owner(ZHANG).await;
        let token = sign_in(&w.b, HERE, Some("a")).await;
        people::set_active(&w.b, &Actor::Cli, &phone(ZHANG), false).await.unwrap();
        assert_eq!(access::verify(&w.b, &token).await, Err(Refusal::NotSignedIn));
        people::set_active(&w.b, &Actor::Cli, &phone(ZHANG), true).await.unwrap();
        assert_eq!(access::verify(&w.b, &token).await, Err(Refusal::NotSignedIn));
        let token = sign_in(&w.b, HERE, Some("a")).await;
        let who = people::get(&w.b, &phone(ZHANG)).await.unwrap().unwrap();
        owners::sign_out_everywhere(&w.b, &who).await.unwrap();
        assert_eq!(access::verify(&w.b, &token).await, Err(Refusal::NotSignedIn));
    }

    async fn an_address_speaks_only_where_that_is_switched_on_and_only_for_a_while(w: &World) {
        w.owner(ZHANG).await;
        sign_in(&w.b, HERE, Some("a")).await;
        assert_eq!(access::by_address(&w.b, &phone(ZHANG), HERE).await, Err(Refusal::NotSignedIn));

        let b = w.node_with(|config| config.legacy_window = Some(Duration::from_secs(1800))).await;
        assert!(access::by_address(&b, &phone(ZHANG), HERE).await.is_err());
        sign_in(&b, HERE, Some("a")).await;
        assert!(access::by_address(&b, &phone(ZHANG), HERE).await.unwrap().current);
        assert!(access::by_address(&b, &phone(ZHANG), "10.0.0.2").await.is_err());
        assert!(access::by_address(&b, &phone("13800000002"), HERE).await.is_err());
        assert!(access::by_address(&w.b, &phone(ZHANG), HERE).await.is_err());
        w.pass(30 * MINUTE);
        assert!(access::by_address(&b, &phone(ZHANG), HERE).await.is_err());
        b.close().await;
    }

    async fn a_window_ends_like_a_token(w: &World) {
        w.owner(ZHANG).await;
        let b = w.node_with(|config| config.legacy_window = Some(Duration::from_secs(3600))).await;
        sign_in(&b, HERE, Some("a")).await;
        sign_in(&b, "10.0.0.3", None).await;
        sign_in(&b, "10.0.0.2", Some("b")).await;
        let old = access::by_address(&b, &phone(ZHANG), HERE).await.unwrap();
        assert!(!old.current);
        access::told(&b, &old).await.unwrap();
        assert!(access::by_address(&b, &phone(ZHANG), HERE).await.is_err());
        for good in ["10.0.0.2", "10.0.0.3"] {
            assert!(access::by_address(&b, &phone(ZHANG), good).await.unwrap().current);
        }
        people::set_password(&b, &Actor::Cli, &phone(ZHANG), "another password").await.unwrap();
        for ended in ["10.0.0.2", "10.0.0.3"] {
            assert!(access::by_address(&b, &phone(ZHANG), ended).await.is_err());
        }
        b.close().await;
    }
}

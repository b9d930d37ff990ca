//! What the server made and shows, for the few minutes in which the page may be loaded again.

use crate::both;
use crate::harness::World;
use backend::shown;
use domain::people::Role;
use sqlx::Row;

both! {
    async fn a_secret_is_shown_again_to_who_made_it_until_it_ends(w: &World) {
        let who = w.operator().await;
        let other = w.person("01000000099", Role::Operator, None).await;
        shown::keep(&w.b, &who, "kiosk/1", "12345678").await.unwrap();
        assert_eq!(shown::get(&w.b, &who, "kiosk/1").await.unwrap().as_deref(), Some("12345678"));
        assert_eq!(shown::get(&w.b, &other, "kiosk/1").await.unwrap(), None);
        assert_eq!(shown::get(&w.b, &who, "kiosk/2").await.unwrap(), None);
        let stored: String = w.sql("SELECT content FROM shown_secrets").await[0].get(0);
        assert!(!stored.contains("12345678"));
        shown::keep(&w.b, &who, "kiosk/1", "87654321").await.unwrap();
        assert_eq!(shown::get(&w.b, &who, "kiosk/1").await.unwrap().as_deref(), Some("87654321"));
        w.pass(shown::KEPT_MS);
        assert_eq!(shown::get(&w.b, &who, "kiosk/1").await.unwrap(), None);
        w.b.sweep().await.unwrap();
        assert!(w.sql("SELECT about FROM shown_secrets").await.is_empty());
    }

    async fn a_secret_that_was_passed_on_is_forgotten(w: &World) {
        let who = w.operator().await;
        shown::keep(&w.b, &who, "person/1", "secret").await.unwrap();
        shown::forget(&w.b, &who, "person/1").await.unwrap();
        assert_eq!(shown::get(&w.b, &who, "person/1").await.unwrap(), None);
    }
}

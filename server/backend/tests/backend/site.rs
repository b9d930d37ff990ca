//! The settings of the whole deployment: who changes them, what is kept of a change, and what kiosks hear of them.

use crate::both;
use crate::harness::World;
use backend::Actor;
use backend::locker::kiosks::{self, NewKiosk};
use backend::site::{self, NewSite};
use domain::error::{Problem, Refusal};
use domain::ids::Yid;
use domain::site::{LOGO_BYTES_MAX, OVERDUE_DAYS, Picture, Setting, Site};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0";

fn new(name: &str, overdue_days: u32) -> NewSite {
    NewSite {
        name: name.to_owned(),
        contact: "02-123-4567".to_owned(),
        language: "ko".to_owned(),
        overdue_days,
    }
}

both! {
    async fn settings_are_kept_with_who_changed_them_and_what_they_were(w: &World) {
        let operator = w.operator().await;
        assert_eq!(*site::current(&w.b).await.unwrap(), Site::default());
        site::change(&w.b, &(&operator).into(), None, new("서울전력", 14)).await.unwrap();
        w.pass(1_000);
        site::change(&w.b, &Actor::Cli, None, new("한빛", 7)).await.unwrap();
        w.pass(1_000);
        // Nothing changed, so nothing is noted.
        site::change(&w.b, &(&operator).into(), None, new("한빛", 7)).await.unwrap();
        let now = site::current(&w.b).await.unwrap();
        assert_eq!((now.name.as_str(), now.contact.as_str(), now.overdue_days), ("한빛", "02-123-4567", 7));
        let changes = site::changes(&w.b, &operator).await.unwrap();
        let told: Vec<_> = changes
            .iter()
            .map(|change| (change.setting, change.who.is_some(), change.before.as_str(), change.after.as_str()))
            .collect();
        assert_eq!(told.len(), 5, "{told:?}");
        assert!(told[..2].contains(&(Setting::Name, false, "서울전력", "한빛")));
        assert!(told[..2].contains(&(Setting::OverdueDays, false, "14", "7")));
        assert!(told[2..].contains(&(Setting::Name, true, "", "서울전력")));
        assert!(told[2..].contains(&(Setting::Language, true, "", "ko")));
    }

    async fn settings_that_somebody_else_changed_meanwhile_stay_as_they_are(w: &World) {
        let operator = (&w.operator().await).into();
        let seen = new("", 14);
        let (_, as_asked) = site::change(&w.b, &operator, None, new("서울전력", 14)).await.unwrap();
        assert!(as_asked);
        let (now, as_asked) = site::change(&w.b, &operator, Some(&seen), new("한빛", 21)).await.unwrap();
        assert_eq!((now.name.as_str(), now.overdue_days, as_asked), ("서울전력", 14, false));
        assert_eq!(site::current(&w.b).await.unwrap().overdue_days, 14);
        // What both want alike was asked for.
        let (_, as_asked) = site::change(&w.b, &operator, Some(&seen), new("서울전력", 14)).await.unwrap();
        assert!(as_asked);
        let (now, as_asked) = site::change(&w.b, &operator, Some(&new("서울전력", 14)), new("한빛", 21)).await.unwrap();
        assert_eq!((now.name.as_str(), now.overdue_days, as_asked), ("한빛", 21, true));
    }

    async fn only_operators_change_settings_and_see_the_changes(w: &World) {
        let staff = w.staff("01022220001").await;
        let refused = site::change(&w.b, &(&staff).into(), None, new("x", 14)).await;
        assert_eq!(refused, Err(Refusal::NotYours));
        assert_eq!(site::set_logo(&w.b, &(&staff).into(), Some(PNG)).await, Err(Refusal::NotYours));
        assert_eq!(site::changes(&w.b, &staff).await, Err(Refusal::NotYours));
        assert_eq!(*site::current(&w.b).await.unwrap(), Site::default());
    }

    async fn impossible_settings_are_refused_and_change_nothing(w: &World) {
        let cases = [
            (NewSite { name: "가".repeat(61), ..new("", 14) }, "name", Problem::TooLong { max: 60 }),
            (NewSite { contact: "a\nb\u{7}".to_owned(), ..new("", 14) }, "contact", Problem::Form),
            (NewSite { language: "fr".to_owned(), ..new("", 14) }, "language", Problem::Unknown),
            (new("", 0), "overdue_days", Problem::Range { min: 1, max: 365 }),
            (new("", 366), "overdue_days", Problem::Range { min: 1, max: 365 }),
        ];
        for (new, field, problem) in cases {
            let refused = site::change(&w.b, &Actor::Cli, None, new).await;
            assert_eq!(refused, Err(Refusal::field(field, problem)));
        }
        assert_eq!(*site::current(&w.b).await.unwrap(), Site::default());
    }

    async fn a_logo_is_a_small_picture_and_nothing_else(w: &World) {
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
        let refused = site::set_logo(&w.b, &Actor::Cli, Some(svg)).await;
        assert_eq!(refused, Err(Refusal::field("file", Problem::Form)));
        let large = [PNG, &vec![0; LOGO_BYTES_MAX]].concat();
        let refused = site::set_logo(&w.b, &Actor::Cli, Some(&large)).await;
        assert_eq!(refused, Err(Refusal::TooLarge { max_bytes: LOGO_BYTES_MAX as u64 }));
        assert!(site::current(&w.b).await.unwrap().logo.is_empty());

        site::set_logo(&w.b, &Actor::Cli, Some(PNG)).await.unwrap();
        let address = site::current(&w.b).await.unwrap().logo.clone();
        assert!(address.starts_with("/logo/") && address.ends_with(".png"), "{address}");
        assert_eq!(site::logo(&w.b, &address).await.unwrap(), (Picture::Png, PNG.to_vec()));
        assert_eq!(site::logo(&w.b, "/logo/other.png").await, Err(Refusal::Unknown));

        site::set_logo(&w.b, &Actor::Cli, None).await.unwrap();
        assert_eq!(site::logo(&w.b, &address).await, Err(Refusal::Unknown));
        let operator = w.operator().await;
        let changes = site::changes(&w.b, &operator).await.unwrap();
        assert_eq!(changes.iter().filter(|change| change.setting == Setting::Logo).count(), 2);
    }

    async fn a_kiosk_hears_what_it_is_to_show(w: &World) {
        site::change(&w.b, &Actor::Cli, None, new("서울전력", 30)).await.unwrap();
        let kiosk = NewKiosk {
            yid: 7,
            name: "중구지사".to_owned(),
            address: String::new(),
            boards: 1,
            ports: 1,
            secret: None,
        };
        kiosks::add(&w.b, &Actor::Cli, kiosk).await.unwrap();
        let code = kiosks::enrolment_code(&w.b, &Actor::Cli, Yid(7)).await.unwrap();
        let enrolled = kiosks::enrol(&w.b, &code.code, "10.0.0.9").await.unwrap();
        assert_eq!((enrolled.look.contact.as_str(), enrolled.look.language.as_str()), ("02-123-4567", "ko"));
        assert_eq!(enrolled.overdue_days, Some(30));
        assert_ne!(u32::try_from(30).unwrap(), OVERDUE_DAYS);
    }
}

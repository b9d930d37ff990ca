//! A world in which every page has something to show: real ids for every address.

use crate::harness::{BUSINESS, Device, MINE, OPERATOR, STAFF, World, stored};
use crate::sign_rig::{GUARD, SECRET, WANG, ZHANG, add_card, add_password};
use domain::imports::ImportKind;
use domain::people::Role;
use islands::addresses::PAGES;

/// People of every role, and something of each kind that a page shows.
pub struct Inhabited {
    /// Role and session of each.
    pub people: Vec<(Role, String)>,
    /// The token of the owner.
    pub zhang: String,
    /// What stands in each page's address, and of whom it is.
    ids: Vec<(&'static str, String)>,
}

/// A stored order, an enrolled kiosk, and an owner with a guard, a password, a card and a junior.
pub async fn inhabit(world: &World) -> Inhabited {
    store(world).await;
    let ([zhang, ..], _session) = world.family().await;
    assert_eq!(
        world.result(&zhang, add_password(world, "password-1", "135790")).await,
        0
    );
    assert_eq!(world.result(&zhang, add_card(world, "card-1")).await, 0);
    let mut people = vec![(Role::Owner, world.cookie_by(ZHANG, SECRET).await)];
    for phone in [OPERATOR, STAFF, BUSINESS] {
        people.push((world.person(phone).await.role, world.cookie(phone).await));
    }
    let operator = world.person(OPERATOR).await;
    let file = "thingsSq,customerNo,customerName,address,meterKind,business\n7001,7,김,서울,LP,nobody\n7002,7,김,서울,LP,대성전력\n";
    let upload = backend::imports::keep(&world.backend, &operator, ImportKind::Orders, "o.csv", file.as_bytes())
        .await
        .unwrap();
    let ids = [
        ("{business_name}", MINE),
        ("{upload_id}", upload.as_str()),
        ("passwords/{service_numb}", "passwords/password-1"),
        ("cards/{service_numb}", "cards/card-1"),
        ("{guard_id}", GUARD),
        ("{things_sq}", "1002"),
        ("{yid}", "1234"),
        ("juniors/{phone}", &format!("juniors/{WANG}")),
        ("people/{phone}", &format!("people/{STAFF}")),
    ]
    .map(|(parameter, id)| (parameter, id.to_owned()));
    Inhabited {
        people,
        zhang,
        ids: ids.into(),
    }
}

impl Inhabited {
    /// Every page, at the address of something that exists.
    pub fn pages(&self) -> Vec<String> {
        let fill = |path: &str| {
            let fill = |path: String, (parameter, id): &(&str, String)| path.replace(parameter, id);
            self.ids.iter().fold(path.to_owned(), fill)
        };
        let paths: Vec<String> = PAGES.iter().map(|page| fill(&page.route())).collect();
        let varies = |path: &String| path.contains([':', '{', '*']);
        assert!(paths.len() > 10 && !paths.iter().any(varies), "{paths:?}");
        paths
    }
}

/// Order 1002 lies in A1 of kiosk 1234.
pub async fn store(world: &World) -> Device<'_> {
    let kiosk = world.kiosk(1234).await;
    kiosk.syncs(&[stored(1, 1, Some("1002"))]).await;
    kiosk
}

//! Every page of the site, listed once ([`every_page`]): its address, whose it is, and its entry in the menu. The routes, the check of the role, the
//! menu, the typed addresses ([`at`]) and what the tests walk are made from this list. Whatever is not in it, or in [`OTHERS`], is nobody's.

use crate::doors::Door;
use crate::i18n::{Locale, td_string};
use crate::links::encoded;
use domain::error::Refusal;
use domain::guard::ids::{GuardId, ServiceNumb};
use domain::ids::{BusinessName, Phone, ThingsSq, Yid};
use domain::imports::UploadId;
use domain::people::Role;
use std::collections::HashMap;
use std::fmt::Display;
use std::sync::LazyLock;

/// A page.
#[derive(Clone, Copy)]
pub struct Page {
    /// Its address; `:name` stands for a part that varies.
    pub path: &'static str,
    /// Who may see it.
    pub door: Door,
    /// What the menu calls it; `None`: it is not in the menu.
    pub menu: Option<fn(Locale) -> &'static str>,
}

impl Page {
    /// Its address as the router writes it: `{name}` for a part that varies.
    pub fn route(&self) -> String {
        let parts = self.path.split('/').map(|part| match part.strip_prefix(':') {
            Some(name) => format!("{{{name}}}"),
            None => part.to_owned(),
        });
        parts.collect::<Vec<_>>().join("/")
    }

    /// Is it what this path names?
    fn is_at(&self, path: &str) -> bool {
        let (mut own, mut named) = (self.path.split('/'), path.split('/'));
        loop {
            match (own.next(), named.next()) {
                (None, None) => return true,
                (Some(own), Some(named)) if own == named || own.starts_with(':') && !named.is_empty() => {}
                _ => return false,
            }
        }
    }
}

/// The page that this path names: the first of the list that fits.
pub fn page_at(path: &str) -> Option<&'static Page> {
    PAGES.iter().find(|page| page.is_at(path))
}

/// The stream of what happens to an owner.
pub const LIVE: &str = "/owner/live";
/// The stream of what happens in an operator's deployment.
pub const OPERATOR_LIVE: &str = "/operator/live";
/// An owner's records as a file.
pub const RECORDS_CSV: &str = "/owner/records.csv";
/// The orders of a list of staff as a file.
pub const STAFF_ORDERS_CSV: &str = "/staff/orders.csv";
/// The same of a business.
pub const BUSINESS_ORDERS_CSV: &str = "/business/orders.csv";
/// The same of an operator.
pub const OPERATOR_ORDERS_CSV: &str = "/operator/orders.csv";
/// People as a file.
pub const PEOPLE_CSV: &str = "/operator/people.csv";
/// Businesses as a file.
pub const BUSINESSES_CSV: &str = "/operator/businesses.csv";
/// Kiosks as a file.
pub const KIOSKS_CSV: &str = "/operator/kiosks.csv";
/// The devices of the inventory as a file.
pub const GUARDS_CSV: &str = "/operator/guards.csv";
/// An example of a file of orders.
pub const TEMPLATE: &str = "/operator/import/template.csv";

/// The refused rows of a file that was sent.
pub const REFUSED_CSV: &str = "/operator/import/refused.csv";

/// The pages that files are sent to: larger bodies than elsewhere are read there.
pub const FILE_PAGES: [&str; 3] = ["/operator/import", "/operator/guards/import", "/operator/settings/logo"];

/// The picture an operator gave the deployment.
pub const LOGO: &str = "/logo/{file}";

/// Whose the addresses are that are neither pages nor functions: files, streams.
pub const OTHERS: [(&str, Door); 13] = [
    (LOGO, ANYONE),
    (LIVE, OWNER),
    (OPERATOR_LIVE, OPERATOR),
    (RECORDS_CSV, OWNER),
    (STAFF_ORDERS_CSV, STAFF),
    (BUSINESS_ORDERS_CSV, BUSINESS),
    (OPERATOR_ORDERS_CSV, OPERATOR),
    (PEOPLE_CSV, OPERATOR),
    (BUSINESSES_CSV, OPERATOR),
    (KIOSKS_CSV, OPERATOR),
    (GUARDS_CSV, OPERATOR),
    (TEMPLATE, OPERATOR),
    (REFUSED_CSV, OPERATOR),
];

/// Does a phone keep what this page shows, for when it has no network?
pub fn is_kept(path: &str) -> bool {
    const KEPT: [&str; 5] = [
        "/owner",
        "/owner/guards/:guard_id",
        "/business",
        "/business/orders",
        "/business/orders/:things_sq",
    ];
    page_at(path).is_some_and(|page| KEPT.contains(&page.path))
}

/// Who may ask for what this route answers; `None` where nobody may.
pub fn door(route: &str) -> Option<Door> {
    static DOORS: LazyLock<HashMap<String, Door>> = LazyLock::new(|| {
        let others = OTHERS.iter().map(|(path, door)| ((*path).to_owned(), *door));
        others
            .chain(PAGES.iter().map(|page| (page.route(), page.door)))
            .collect()
    });
    DOORS.get(route).copied()
}

/// The pages of a role's menu, in order.
pub fn menu(role: Role) -> impl Iterator<Item = &'static Page> {
    let own = PAGES.iter().filter(move |page| page.door == Door::Only(role));
    own.filter(|page| page.menu.is_some())
}

/// The list: the name of an address, the address, what draws it in the crate `pages`, whose it is, and its entry in the menu. Hands it to a macro.
#[macro_export]
macro_rules! every_page {
    ($then:ident) => {
        $then! {
            start() "/" home::Home, ANYONE;
            sign_in() "/sign-in" auth::SignIn, ANYONE;
            register() "/register" auth::Register, ANYONE;
            forgotten() "/forgotten" auth::Forgotten, ANYONE;
            set_up() "/set-up" auth::SetUp, ANYONE;
            kiosk() "/kiosk" kiosk::KioskPage, ANYONE;
            style() "/style" components::StylePage, ANYONE;
            offline() "/offline" offline::OfflinePage, ANYONE;
            offline_scan() "/offline/scan" offline::OfflineScan, ANYONE;
            account() "/account" auth::Account, Door::SignedIn;
            unsent() "/unsent" offline::Unsent, Door::SignedIn;

            staff() "/staff" staff::Home, STAFF, |locale| td_string!(locale, common.start);
            staff_scan() "/staff/scan" staff::Scan, STAFF;
            staff_orders() "/staff/orders" staff::Orders, STAFF, |locale| td_string!(locale, common.orders);
            staff_order(things_sq: ThingsSq) "/staff/orders/:things_sq" staff::Order, STAFF;
            staff_order_done(things_sq: ThingsSq) "/staff/orders/:things_sq/done" staff::Done, STAFF;
            staff_round() "/staff/round" staff::TakeRound, STAFF;
            staff_kiosks() "/staff/kiosks" staff::Kiosks, STAFF, |locale| td_string!(locale, common.kiosks);
            staff_kiosk(yid: Yid) "/staff/kiosks/:yid" staff::Kiosk, STAFF;
            staff_sync() "/staff/sync" staff::Sync, STAFF;
            staff_clock() "/staff/clock" staff::Clock, STAFF;
            staff_clock_code(yid: Yid) "/staff/clock/:yid" staff::ClockCode, STAFF;
            staff_pass() "/staff/pass" staff::Pass, STAFF;
            staff_pass_code(yid: Yid) "/staff/pass/:yid" staff::PassCode, STAFF;

            business() "/business" business::Home, BUSINESS, |locale| td_string!(locale, common.start);
            business_orders() "/business/orders" business::Orders, BUSINESS, |locale| td_string!(locale, common.orders);
            business_order(things_sq: ThingsSq) "/business/orders/:things_sq" business::Order, BUSINESS;
            business_find(things_sq: ThingsSq) "/business/orders/:things_sq/find" business::Find, BUSINESS;
            business_voucher(things_sq: ThingsSq) "/business/orders/:things_sq/voucher" business::Voucher, BUSINESS;
            business_history() "/business/history" business::History, BUSINESS, |locale| td_string!(locale, common.history);

            owner() "/owner" owner::Guards, OWNER, |locale| td_string!(locale, common.guards);
            owner_records() "/owner/records" owner::Records, OWNER, |locale| td_string!(locale, common.records);
            owner_juniors() "/owner/juniors" owner::Juniors, OWNER, |locale| td_string!(locale, common.juniors);
            owner_junior(phone: Phone) "/owner/juniors/:phone" owner::JuniorPage, OWNER;
            owner_card_views() "/owner/card-views" owner::CardViews, OWNER;
            owner_add_guard() "/owner/add-guard" owner::AddGuardPage, OWNER;
            owner_guard(guard_id: GuardId) "/owner/guards/:guard_id" owner::GuardPage, OWNER;
            owner_guard_edit(guard_id: GuardId) "/owner/guards/:guard_id/edit" owner::EditGuardPage, OWNER;
            owner_guard_delete(guard_id: GuardId) "/owner/guards/:guard_id/delete" owner::DeleteGuardPage, OWNER;
            owner_new_password(guard_id: GuardId) "/owner/guards/:guard_id/new-password" owner::NewPasswordPage, OWNER;
            owner_password(guard_id: GuardId, service_numb: ServiceNumb) "/owner/guards/:guard_id/passwords/:service_numb" owner::PasswordPage, OWNER;
            owner_new_card(guard_id: GuardId) "/owner/guards/:guard_id/new-card" owner::NewCardPage, OWNER;
            owner_card(guard_id: GuardId, service_numb: ServiceNumb) "/owner/guards/:guard_id/cards/:service_numb" owner::CardPage, OWNER;

            operator() "/operator" operator::OverviewPage, OPERATOR;
            operator_find() "/operator/find" operator::FindPage, OPERATOR;
            operator_orders() "/operator/orders" operator::Orders, OPERATOR, |locale| td_string!(locale, common.orders);
            operator_order(things_sq: ThingsSq) "/operator/orders/:things_sq" operator::OrderPage, OPERATOR;
            operator_new_order() "/operator/new-order" operator::NewOrderPage, OPERATOR;
            operator_import() "/operator/import" operator::ImportPage, OPERATOR;
            operator_upload(upload_id: UploadId) "/operator/import/:upload_id" operator::UploadPage, OPERATOR;
            operator_kiosks() "/operator/kiosks" operator::Kiosks, OPERATOR, |locale| td_string!(locale, common.kiosks);
            operator_new_kiosk() "/operator/kiosks/new" operator::NewKioskPage, OPERATOR;
            operator_kiosk(yid: Yid) "/operator/kiosks/:yid" operator::KioskPage, OPERATOR;
            operator_kiosk_log(yid: Yid) "/operator/kiosks/:yid/log" operator::KioskLog, OPERATOR;
            operator_kiosk_labels(yid: Yid) "/operator/kiosks/:yid/labels" operator::KioskLabels, OPERATOR;
            operator_kiosk_layout(yid: Yid) "/operator/kiosks/:yid/layout" operator::KioskLayout, OPERATOR;
            operator_guards() "/operator/guards" operator::Guards, OPERATOR, |locale| td_string!(locale, operator_guards.guards);
            operator_import_guards() "/operator/guards/import" operator::ImportGuardsPage, OPERATOR;
            operator_people() "/operator/people" operator::People, OPERATOR, |locale| td_string!(locale, common.people);
            operator_new_person() "/operator/people/new" operator::NewPersonPage, OPERATOR;
            operator_person(phone: Phone) "/operator/people/:phone" operator::PersonPage, OPERATOR;
            operator_businesses() "/operator/businesses" operator::Businesses, OPERATOR, |locale| td_string!(locale, common.businesses);
            operator_business(business_name: BusinessName) "/operator/businesses/:business_name" operator::BusinessPage, OPERATOR;
            operator_settings() "/operator/settings" operator::SettingsPage, OPERATOR, |locale| td_string!(locale, operator_settings.settings);
            operator_logo() "/operator/settings/logo" operator::LogoPage, OPERATOR;
            operator_nodes() "/operator/nodes" operator::Nodes, OPERATOR, |locale| td_string!(locale, operator_nodes.nodes);
        }
    };
}

macro_rules! addresses {
    ($($name:ident($($argument:ident: $kind:ty),*) $path:literal $view:path, $door:expr $(, $menu:expr)?;)*) => {
        /// Every page.
        pub const PAGES: &[Page] = &[$(Page {
            path: $path,
            door: $door,
            menu: addresses!(@menu $($menu)?),
        }),*];

        /// The addresses of pages: `at::staff_order(&things_sq)`.
        pub mod at {
            use super::*;

            $(#[doc = concat!("`", $path, "`")]
            pub fn $name($($argument: &$kind),*) -> String {
                filled($path, &[$((stringify!($argument), $argument as &dyn Display)),*])
            })*
        }

        /// What the address of the page being rendered names: `named::staff_order()`.
        pub mod named {
            use super::*;

            $(#[doc = concat!("From `", $path, "`")]
            pub fn $name() -> Result<($($kind,)*), Refusal> {
                Ok(($(part::<$kind>($path, stringify!($argument))?,)*))
            })*
        }
    };
    (@menu) => { None };
    (@menu $menu:expr) => { Some($menu) };
}

/// What may be a varying part of an address.
trait Part: Sized {
    fn of(text: String) -> Option<Self>;
}

impl Part for Yid {
    fn of(text: String) -> Option<Self> {
        text.parse().ok().map(Self)
    }
}

macro_rules! parts {
    ($($kind:ty),*) => {
        $(impl Part for $kind {
            fn of(text: String) -> Option<Self> {
                // Bytes that were no UTF-8 arrive as this character, and name nothing.
                Self::try_from(text).ok().filter(|part| !part.as_str().contains(char::REPLACEMENT_CHARACTER))
            }
        })*
    };
}

parts! { BusinessName, ThingsSq, Phone, GuardId, ServiceNumb, UploadId }

/// The part with this name of the address of the page being rendered. Decoded once; the router's own parameters are decoded twice, and an id
/// with a `%` in it would be another one.
fn part<T: Part>(path: &str, name: &str) -> Result<T, Refusal> {
    let here = crate::context::request().path;
    let at = path.split('/').position(|part| part.strip_prefix(':') == Some(name));
    let text = at.and_then(|at| here.split('/').nth(at)).unwrap_or_default();
    let text = percent_encoding::percent_decode_str(text).decode_utf8_lossy();
    T::of(text.into_owned()).ok_or(Refusal::Unknown)
}

/// The address with its varying parts filled in. A list asks for one a row, so it is put together in one text.
fn filled(path: &str, parts: &[(&str, &dyn Display)]) -> String {
    let mut filled = String::with_capacity(2 * path.len());
    for (at, part) in path.split('/').enumerate() {
        if at > 0 {
            filled.push('/');
        }
        let value = part
            .strip_prefix(':')
            .and_then(|name| parts.iter().find(|(own, _)| *own == name));
        match value {
            Some((_, value)) => filled.push_str(&encoded(&value.to_string())),
            None => filled.push_str(part),
        }
    }
    filled
}

const ANYONE: Door = Door::Anyone;
const STAFF: Door = Door::Only(Role::Staff);
const BUSINESS: Door = Door::Only(Role::Business);
const OWNER: Door = Door::Only(Role::Owner);
const OPERATOR: Door = Door::Only(Role::Operator);

every_page!(addresses);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_filled_in_whatever_the_ids_are_made_of() {
        let order = ThingsSq::parse("a/b 1").unwrap();
        assert_eq!(at::staff_order_done(&order), "/staff/orders/a%2Fb%201/done");
        let guard = GuardId::parse("G:1").unwrap();
        let number = ServiceNumb::parse(":guard_id").unwrap();
        assert_eq!(at::owner_card(&guard, &number), "/owner/guards/G%3A1/cards/%3Aguard_id");
        let pages = [at::operator_import(), at::operator_import_guards(), at::operator_logo()];
        assert_eq!(pages, FILE_PAGES);
        assert_eq!(at::start(), "/");
        assert_eq!(at::operator_kiosk(&Yid(7)), "/operator/kiosks/7");
    }

    #[test]
    fn every_page_stands_below_its_roles_home() {
        for page in PAGES {
            let below = Role::ALL.into_iter().find(|role| {
                let rest = page.path.strip_prefix(role.home());
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            });
            assert!(
                below.map(Door::Only).is_none_or(|door| door == page.door),
                "{}",
                page.path
            );
            assert_eq!(door(&page.route()), Some(page.door), "{}", page.path);
            let found = page_at(&page.path.replace(':', "some-"));
            assert_eq!(
                found.map(|found| found.path),
                Some(page.path),
                "none before it fits as well"
            );
            assert_eq!(
                PAGES.iter().filter(|other| other.path == page.path).count(),
                1,
                "{}",
                page.path
            );
        }
        for unlisted in [
            "/staffroom",
            "/sign-in/x",
            "/kiosk/x",
            "/owner/nothing",
            "",
            "/do/owner/add-guard",
        ] {
            assert_eq!(door(unlisted), None, "{unlisted}");
            assert!(page_at(unlisted).is_none(), "{unlisted}");
        }
    }

    #[test]
    fn the_menu_of_a_role_has_its_own_pages() {
        for role in Role::ALL {
            let paths: Vec<&str> = menu(role).map(|page| page.path).collect();
            assert!(
                paths.len() >= 3 && paths.iter().all(|path| path.starts_with(role.home())),
                "{paths:?}"
            );
        }
    }
}

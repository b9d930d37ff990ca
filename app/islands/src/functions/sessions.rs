//! Signing in and out, and where somebody is signed in.

use crate::call::Call;
use crate::refused::Refused;
use domain::guard::ids::OwnerPassword;
use domain::ids::TypedPhone;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
pub use reads::{DemoPerson, demo_password, demo_people, here, own};
#[cfg(feature = "ssr")]
pub(super) use session::{begin, go_on};

/// Signs in with number and password. Leads to where signing in was asked for, or to the role's first page.
#[server(prefix = "/do/anyone", endpoint = "sign-in", protocol = Call)]
pub async fn sign_in(phone: TypedPhone, password: OwnerPassword) -> Result<(), Refused> {
    use crate::act::{go_to, set_cookie};
    use crate::{context, links};
    use backend::known_devices;
    use backend::people::{self, Caller};

    let request = context::request();
    let backend = &request.backend;
    let (address, kept) = (context::peer()?, context::cookie(session::KNOWN_COOKIE));
    let from = Caller {
        address: &address,
        kept: &kept,
    };
    let person = people::sign_in_from(backend, phone.as_str(), password.as_str(), from).await?;
    begin(&person).await?;
    let known = known_devices::remember(backend, &person.phone, &kept)?;
    set_cookie(&session::known_cookie(&known));
    go_to(&links::after_sign_in(request.query("next"), person.role.home()));
    Ok(())
}

/// Ends this browser's session. Leads to the sign-in.
#[server(prefix = "/do/anyone", endpoint = "sign-out", protocol = Call)]
pub async fn sign_out() -> Result<(), Refused> {
    use crate::act::{go_to, set_cookie};
    use crate::addresses::at;
    use crate::notice::with_notice;
    use backend::sessions;

    let own = session::of_this_browser()?;
    // A person who wants to leave must not believe that they have.
    own.flush().await.map_err(sessions::refusal)?;
    set_cookie(FORGET_RECENT);
    // Pages that were looked at come back neither from the cache nor by the way back.
    session::clear_cache();
    go_to(&with_notice(&at::sign_in(), "signed-out"));
    Ok(())
}

/// Ends one of one's sessions, by its handle. This browser's own ends by signing out.
#[server(prefix = "/do/account", endpoint = "end-session", protocol = Call)]
pub async fn end_session(session: String) -> Result<(), Refused> {
    use crate::act::go_to;
    use crate::addresses::at;
    use crate::context;
    use crate::notice::with_notice;
    use backend::sessions;

    let request = context::request();
    let who = request.person()?;
    let own = session::of_this_browser()?;
    if own.id().is_some_and(|id| sessions::handle(&id) == session) {
        own.flush().await.map_err(sessions::refusal)?;
        go_to(&with_notice(&at::sign_in(), "signed-out"));
        return Ok(());
    }
    sessions::end(&request.backend, who, &session).await?;
    go_to(&with_notice(&at::account(), "session-ended"));
    Ok(())
}

#[cfg(feature = "ssr")]
mod reads {
    use crate::functions::asker;
    use backend::{demo, sessions};
    use domain::error::Refusal;
    use domain::ids::Phone;
    use domain::people::Role;
    use domain::sessions::Listed;

    /// The sessions of the person signed in.
    pub async fn own() -> Result<Vec<Listed>, Refusal> {
        let (backend, who) = asker()?;
        sessions::list(&backend, &who).await
    }

    /// The handle of the session of the request being answered.
    pub fn here() -> Option<String> {
        let id = super::session::of_this_browser().ok()?.id()?;
        Some(sessions::handle(&id))
    }

    /// Somebody in the sample data.
    pub struct DemoPerson {
        /// Their number.
        pub phone: Phone,
        /// What they may do.
        pub role: Role,
        /// What they are called.
        pub name: &'static str,
        /// Of a business user: for whom.
        pub business: Option<&'static str>,
    }

    /// Everybody in the sample data.
    pub fn demo_people() -> impl Iterator<Item = DemoPerson> {
        demo::PEOPLE.iter().map(|(phone, role, name, business)| DemoPerson {
            phone: Phone((*phone).to_owned()),
            role: *role,
            name,
            business: *business,
        })
    }

    /// The password of everybody in the sample data.
    pub fn demo_password() -> &'static str {
        demo::PASSWORD
    }
}

/// What a browser session holds: the phone number of who is signed in, since when and until when at most, and in which browser.
#[cfg(feature = "ssr")]
mod session {
    use crate::context;
    use backend::known_devices::KNOWN_FOR_MS;
    use backend::sessions::{self, PERSON_KEY};
    use domain::error::Refusal;
    use domain::people::Person;
    use http::header::USER_AGENT;
    use http::{HeaderName, HeaderValue};
    use leptos::prelude::use_context;
    use leptos_axum::ResponseOptions;
    use tower_sessions::Session;

    const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

    /// Keeps by what this browser is known to those who signed in with it, so that failures elsewhere do not slow them down. It stays when
    /// somebody signs out, and opens nothing.
    pub(super) const KNOWN_COOKIE: &str = "known";

    /// The cookie by which this browser is known from now on.
    pub(super) fn known_cookie(known: &str) -> String {
        let seconds = KNOWN_FOR_MS / 1000;
        format!("{KNOWN_COOKIE}={known}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax")
    }

    /// The browser forgets every page of this site that it kept.
    pub(super) fn clear_cache() {
        if let Some(response) = use_context::<ResponseOptions>() {
            response.insert_header(CLEAR_SITE_DATA, HeaderValue::from_static("\"cache\""));
        }
    }

    /// The session of the request being answered.
    pub(in crate::functions) fn of_this_browser() -> Result<Session, Refusal> {
        context::extension().ok_or(Refusal::Internal)
    }

    /// Makes this browser's session speak for a person who has just shown who they are, under a new id, so that an id known before is worth
    /// nothing. It ends a while after its last use, and at the latest when its time from now is over.
    pub(in crate::functions) async fn begin(person: &Person) -> Result<(), Refusal> {
        let session = of_this_browser()?;
        let now = context::request().backend.now();
        let browser = browser_name(&context::header(USER_AGENT));
        let begin = async {
            session.insert(sessions::BEGAN_KEY, now.0).await?;
            session
                .insert(sessions::ENDS_KEY, sessions::latest_end(person.role, now).0)
                .await?;
            session.insert(sessions::BROWSER_KEY, browser).await
        };
        begin.await.map_err(sessions::refusal)?;
        go_on(person).await
    }

    /// The same for a person who was signed in already and whose sessions have just been ended: its time does not begin again.
    pub(in crate::functions) async fn go_on(person: &Person) -> Result<(), Refusal> {
        let session = of_this_browser()?;
        let keep = async {
            session.cycle_id().await?;
            session.insert(PERSON_KEY, person.phone.as_str()).await
        };
        keep.await.map_err(sessions::refusal)
    }

    /// What people call a browser, and what it runs on, from its `User-Agent`: `Chrome, Android`. Empty for an unknown one.
    fn browser_name(user_agent: &str) -> String {
        // Those that call themselves by several names stand first.
        let browsers = [
            ("MicroMessenger", "WeChat"),
            ("KAKAOTALK", "KakaoTalk"),
            ("NAVER", "Naver"),
            ("Whale", "Whale"),
            ("SamsungBrowser", "Samsung Internet"),
            ("Edg", "Edge"),
            ("OPR", "Opera"),
            ("Firefox", "Firefox"),
            ("FxiOS", "Firefox"),
            ("CriOS", "Chrome"),
            ("Chrome", "Chrome"),
            ("Safari", "Safari"),
        ];
        let systems = [
            ("Android", "Android"),
            ("iPhone", "iPhone"),
            ("iPad", "iPad"),
            ("Windows", "Windows"),
            ("Mac OS X", "Mac"),
            ("CrOS", "ChromeOS"),
            ("Linux", "Linux"),
        ];
        let named = |names: &[(&str, &'static str)]| {
            names
                .iter()
                .find(|(mark, _)| user_agent.contains(mark))
                .map(|(_, name)| *name)
        };
        let parts: Vec<&str> = [named(&browsers), named(&systems)].into_iter().flatten().collect();
        parts.join(", ")
    }

    #[cfg(test)]
    mod tests {
        use super::browser_name;

        #[test]
        fn browsers_are_called_as_people_call_them() {
            let chrome = "Mozilla/5.0 (Linux; Android 14; SM-S918N) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36";
            assert_eq!(browser_name(chrome), "Chrome, Android");
            assert_eq!(browser_name(&format!("{chrome} KAKAOTALK 10.8")), "KakaoTalk, Android");
            let safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1";
            assert_eq!(browser_name(safari), "Safari, iPhone");
            assert_eq!(browser_name("curl/8.5"), "");
        }
    }
}

/// The cookie that forgets the orders that were looked at last.
#[cfg(feature = "ssr")]
const FORGET_RECENT: &str = "recent=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax";

//! What a browser session holds: the phone number of who is signed in, since when and until when at most, and in which browser.

use crate::context::{self, RequestContext};
use crate::form::Form;
use crate::i18n;
use crate::links;
use crate::orders;
use crate::ui::notice::with_notice;
use axum::response::{IntoResponse, Response};
use backend::sessions::{self, PERSON_KEY};
use domain::error::Refusal;
use domain::ids::Millis;
use domain::people::Person;
use http::StatusCode;
use http::header::{SET_COOKIE, USER_AGENT};
use http::request::Parts;
use leptos::prelude::use_context;
use tower_sessions::Session;

/// Makes this browser's session speak for a person who has just shown who they are, under a new id, so that an id known before is worth
/// nothing. It ends a while after its last use, and at the latest when its time from now is over.
pub async fn begin(session: &Session, form: &Form, person: &Person) -> Result<(), Refusal> {
    let browser = browser_name(form.page.header(USER_AGENT));
    begin_in(session, form.context.backend.now(), browser, person).await
}

/// The same inside a server function.
pub async fn begin_here(person: &Person) -> Result<(), Refusal> {
    let parts = use_context::<Parts>().ok_or(Refusal::Internal)?;
    let agent = parts.headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
    let browser = browser_name(agent.unwrap_or_default());
    let now = context::request().backend.now();
    begin_in(&of_this_browser()?, now, browser, person).await
}

/// The session of the request being answered.
pub fn of_this_browser() -> Result<Session, Refusal> {
    let parts = use_context::<Parts>().ok_or(Refusal::Internal)?;
    parts.extensions.get::<Session>().cloned().ok_or(Refusal::Internal)
}

async fn begin_in(session: &Session, now: Millis, browser: String, person: &Person) -> Result<(), Refusal> {
    let begin = async {
        session.insert(sessions::BEGAN_KEY, now.0).await?;
        session
            .insert(sessions::ENDS_KEY, sessions::latest_end(person.role, now).0)
            .await?;
        session.insert(sessions::BROWSER_KEY, browser).await
    };
    begin.await.map_err(sessions::refusal)?;
    go_on(session, person).await
}

/// The same for a person who was signed in already and whose sessions have just been ended: its time does not begin again.
pub async fn go_on(session: &Session, person: &Person) -> Result<(), Refusal> {
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

/// `POST /sign-out`
pub async fn sign_out(session: Session) -> Response {
    if let Err(error) = session.flush().await {
        // A person who wants to leave must not believe that they have.
        let status = sessions::refusal(error).status();
        return StatusCode::from_u16(status)
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
            .into_response();
    }
    let forget = [(SET_COOKIE, orders::forget())];
    (forget, links::see_other(&with_notice("/sign-in", "signed-out"))).into_response()
}

/// `POST /language`: keeps the choice for a year and goes back to the page it was made on.
pub async fn choose_language(context: RequestContext, form: Form) -> Response {
    let back = form.fields.get("back").to_owned();
    let locale = i18n::parse(form.fields.get("lang")).unwrap_or(context.locale);
    let cookie = format!(
        "{}={}; Path=/; Max-Age=31536000; SameSite=Lax",
        i18n::COOKIE,
        i18n::code(locale)
    );
    ([(SET_COOKIE, cookie)], links::see_other(&back)).into_response()
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

//! What a browser session holds: the phone number of who is signed in, and nothing else.

use crate::context::RequestContext;
use crate::form::Form;
use crate::i18n;
use crate::orders;
use crate::ui::notice::with_notice;
use axum::response::{IntoResponse, Redirect, Response};
use backend::sessions::{self, PERSON_KEY};
use domain::error::Refusal;
use domain::people::Person;
use http::StatusCode;
use http::header::SET_COOKIE;
use tower_sessions::Session;

/// Makes this browser's session speak for a person, under a new id, so that an id known before is worth nothing.
pub async fn begin(session: &Session, person: &Person) -> Result<(), Refusal> {
    let keep = async {
        session.cycle_id().await?;
        session.insert(PERSON_KEY, person.phone.as_str()).await
    };
    keep.await.map_err(sessions::refusal)
}

/// `POST /sign-out`
pub async fn sign_out(session: Session) -> Response {
    if let Err(error) = session.flush().await {
        // Whoever wants to leave must not believe that they have.
        let status = sessions::refusal(error).status();
        return StatusCode::from_u16(status)
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
            .into_response();
    }
    let forget = [(SET_COOKIE, orders::forget())];
    (forget, Redirect::to(&with_notice("/sign-in", "signed-out"))).into_response()
}

/// `POST /language`: keeps the choice for a year and goes back to the page it was made on.
pub async fn choose_language(context: RequestContext, form: Form) -> Response {
    let back = local_path(form.fields.get("back"));
    let locale = i18n::parse(form.fields.get("lang")).unwrap_or(context.locale);
    let cookie = format!(
        "{}={}; Path=/; Max-Age=31536000; SameSite=Lax",
        i18n::COOKIE,
        i18n::code(locale)
    );
    ([(SET_COOKIE, cookie)], Redirect::to(&back)).into_response()
}

/// The path if it is one of ours, else `/`: never an address of somebody else.
pub fn local_path(path: &str) -> String {
    let ours = path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\r', '\n']);
    if ours { path.to_owned() } else { "/".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::local_path;

    #[test]
    fn only_our_own_paths_are_gone_back_to() {
        assert_eq!(local_path("/staff?x=1"), "/staff?x=1");
        for foreign in [
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "",
            "/a\r\nb",
        ] {
            assert_eq!(local_path(foreign), "/");
        }
    }
}

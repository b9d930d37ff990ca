//! Why a server function did nothing, as pages and browsers get it: in words of the reader's language.

use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

/// The code of a refusal where somebody else changed the same since the page was drawn.
pub const CHANGED: &str = "changed";

/// A refusal. Nothing was changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The HTTP status; 503 also where the browser did not reach the server.
    pub status: u16,
    /// What happened and what to do; lines after the first say more. Empty where the browser did not reach the server.
    pub words: String,
    /// Names the reason for programs, such as `page-outdated`, and stays the same from version to version. Empty where the server is older
    /// than that, or was not reached.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// The fields that are wrong, in the order of the function's arguments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<WrongField>,
}

/// A field that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrongField {
    /// Its name in the form, which is the name of the argument.
    pub field: String,
    /// What is wrong with it.
    pub words: String,
    /// The request did not have it at all.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub absent: bool,
    /// The value it has now, where somebody else changed it since the page was drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<String>,
}

impl WrongField {
    /// A field with words about it.
    pub fn new(field: impl Into<String>, words: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            words: words.into(),
            absent: false,
            now: None,
        }
    }
}

impl Refused {
    /// What is wrong with a field.
    pub fn problem(&self, field: &str) -> Option<&str> {
        let wrong = self.fields.iter().find(|wrong| wrong.field == field);
        wrong.map(|wrong| wrong.words.as_str())
    }
}

impl FromServerFnError for Refused {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        let status = match error {
            ServerFnErrorErr::Request(_) => 503,
            _ => 500,
        };
        Self {
            status,
            ..Self::default()
        }
    }
}

#[cfg(feature = "ssr")]
mod on_the_server {
    use super::{Refused, WrongField};
    use crate::context::RequestContext;
    use crate::fields::Wrong;
    use crate::i18n::{Locale, td_string};
    use crate::words::{problem_text, refusal_text};
    use domain::error::{Problem, Refusal};
    use leptos::prelude::with_context;

    impl Refused {
        /// A refusal in a language.
        pub fn of(locale: Locale, refusal: &Refusal) -> Self {
            let words = refusal_text(locale, refusal);
            let fields = match refusal {
                Refusal::Field { field, .. } => vec![WrongField::new(argument(field), words.clone())],
                _ => Vec::new(),
            };
            Self {
                status: refusal.status(),
                words,
                code: code(refusal),
                fields,
            }
        }

        /// The page is of another version of the program: it has these fields, which this version does not know.
        pub fn of_another_version(locale: Locale, fields: &[&str]) -> Self {
            let refused = Self::of(locale, &Refusal::PageOutdated);
            let fields = fields
                .iter()
                .map(|field| WrongField::new(*field, refused.words.clone()));
            Self {
                fields: fields.collect(),
                ..refused
            }
        }

        /// Every argument that cannot be read.
        pub fn of_arguments(locale: Locale, wrong: Vec<Wrong>) -> Self {
            let fields: Vec<WrongField> = wrong
                .into_iter()
                .map(|Wrong { field, problem }| {
                    let words = match (field.as_str(), &problem) {
                        // What a number looks like, where something else was typed.
                        ("phone", Problem::Form) => td_string!(locale, owner_account.phone_form).to_owned(),
                        _ => problem_text(locale, &problem),
                    };
                    WrongField::new(field, words)
                })
                .collect();
            let refusal = Refusal::field("", Problem::Form);
            Self {
                status: refusal.status(),
                code: code(&refusal),
                words: fields.first().map(|wrong| wrong.words.clone()).unwrap_or_default(),
                fields,
            }
        }

        /// The same in other words.
        #[must_use]
        pub fn in_words(mut self, words: &str) -> Self {
            words.clone_into(&mut self.words);
            if let [wrong] = &mut self.fields[..] {
                words.clone_into(&mut wrong.words);
            }
            self
        }
    }

    impl From<Refusal> for Refused {
        fn from(refusal: Refusal) -> Self {
            let locale = with_context(|request: &RequestContext| request.locale).unwrap_or(Locale::en);
            Self::of(locale, &refusal)
        }
    }

    /// As `/v1` names it.
    fn code(refusal: &Refusal) -> String {
        let refusal = serde_json::to_value(refusal).unwrap_or_default();
        refusal["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The argument that a field of a message or of `/v1` is called here: `guardId` is `guard_id`.
    fn argument(field: &str) -> String {
        let mut name = String::with_capacity(field.len() + 2);
        for c in field.chars() {
            if c.is_ascii_uppercase() {
                name.push('_');
            }
            name.push(c.to_ascii_lowercase());
        }
        name
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_field_of_a_message_is_the_argument_of_that_name() {
            let refused = Refused::of(Locale::en, &Refusal::field("guardId", Problem::Required));
            assert_eq!((refused.status, refused.fields.len()), (422, 1));
            assert_eq!(refused.problem("guard_id"), Some(refused.words.as_str()));
            assert_eq!(argument("thingsSq"), "things_sq");
            assert_eq!(argument("new_password"), "new_password");
        }

        #[test]
        fn on_the_wire_it_is_flat() {
            let refused = Refused::of(Locale::en, &Refusal::Exists);
            let json = serde_json::to_value(&refused).unwrap();
            assert_eq!(
                json,
                serde_json::json!({ "status": 409, "words": refused.words, "code": "exists" })
            );
            let of_before: Refused = serde_json::from_str(r#"{"status":409,"words":"x"}"#).unwrap();
            assert_eq!((of_before.status, of_before.code.as_str()), (409, ""));
        }
    }
}

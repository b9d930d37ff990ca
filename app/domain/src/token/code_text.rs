//! The text of a code as a phone reads it or somebody types it.

use crate::error::Problem;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Something, without the white space around it; whether it is a code is asked by [`super::peek`]. Prints nothing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CodeText(String);

impl CodeText {
    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for CodeText {
    type Error = Problem;

    fn try_from(text: String) -> Result<Self, Problem> {
        match text.trim() {
            "" => Err(Problem::Required),
            text => Ok(Self(text.to_owned())),
        }
    }
}

impl From<CodeText> for String {
    fn from(text: CodeText) -> Self {
        text.0
    }
}

impl fmt::Debug for CodeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeText")
    }
}

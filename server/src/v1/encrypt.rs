//! `POST /v1/Encrypt`

use super::auth::Somebody;
use super::described::text;
use super::json::{Json, Reply, Success};
use crate::state::AppState;
use axum::extract::State;
use backend::locker::codes::{self, Claimed, CodeRequest};
use domain::error::{Problem, Refusal};
use domain::ids::{ThingsSq, Yid};
use domain::token::Command;
use domain::token::rows::{lenient_integer, lenient_integer_schema};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::Schema;

/// Which code is wanted.
#[derive(Deserialize, ToSchema)]
pub struct Encrypt {
    data: Wanted,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WantedCode)]
struct Wanted {
    #[schema(schema_with = made_here)]
    cmd: Command,
    yid: Yid,
    #[serde(default, deserialize_with = "optional_integer")]
    #[schema(schema_with = lenient_integer_schema)]
    serial: Option<i64>,
    #[serde(default, deserialize_with = "optional_integer")]
    #[schema(schema_with = lenient_integer_schema)]
    jumper: Option<i64>,
    pwd: Option<String>,
    save_date: Option<String>,
    label: Option<String>,
    things_sq: Option<String>,
}

/// The commands of codes that are made here.
fn made_here() -> Schema {
    text(&[Command::OpenToTake, Command::SyncDate, Command::StaffPass].map(Command::as_str))
}

/// The code.
#[derive(Serialize, ToSchema)]
pub struct Made {
    /// The token.
    data: String,
}

/// Staff: `SyncDate`, `StaffPass`; business: `OpenToTake` of its own stored order. Makes the code.
pub async fn make(State(state): State<AppState>, Somebody(who): Somebody, Json(body): Json<Encrypt>) -> Reply<Made> {
    let data = codes::make(&state.backend, &who, body.data.request()?).await?;
    Ok(Success::with(Made { data }))
}

impl Wanted {
    fn request(self) -> Result<CodeRequest, Refusal> {
        let yid = self.yid;
        Ok(match self.cmd {
            Command::SyncDate => CodeRequest::SyncDate { yid },
            Command::StaffPass => CodeRequest::StaffPass { yid },
            Command::OpenToTake => CodeRequest::OpenToTake {
                yid,
                things_sq: self.things_sq.as_deref().map(things_sq).transpose()?,
                claimed: Claimed {
                    serial: self.serial,
                    jumper: self.jumper,
                    pwd: self.pwd,
                    save_date: self.save_date,
                    label: self.label,
                },
            },
            // Only kiosks make these.
            Command::OpenToSave | Command::SaveToData => return Err(Refusal::CodeKind),
        })
    }
}

fn things_sq(text: &str) -> Result<ThingsSq, Refusal> {
    ThingsSq::parse(text).ok_or_else(|| Refusal::field("data.thingsSq", Problem::Form))
}

fn optional_integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    #[derive(Deserialize)]
    struct Whole(#[serde(deserialize_with = "lenient_integer")] i64);
    Ok(Option::<Whole>::deserialize(deserializer)?.map(|whole| whole.0))
}

//! Codes that were read from a kiosk's screen.

use crate::ids::{Millis, Port, ThingsSq, Yid};
use serde::Serialize;

/// A code that was read and accepted.
#[derive(Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct Scanned {
    /// The command, as in the token.
    #[cfg_attr(not(target_arch = "wasm32"), schema(schema_with = described::command))]
    pub cmd: String,
    /// The kiosk.
    pub yid: Yid,
    /// The token's date, as written in it.
    #[cfg_attr(
        not(target_arch = "wasm32"),
        schema(value_type = String, format = DateTime, examples("2018-09-17T06:56:45.000Z"))
    )]
    pub date: String,
    /// The token's data in clear: an object for `OpenToSave`, an array of rows for `SaveToData`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(not(target_arch = "wasm32"), schema(schema_with = described::data))]
    pub data: Option<serde_json::Value>,
    /// What to do next.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(not(target_arch = "wasm32"), schema(nullable = false))]
    pub next: Option<Next>,
    /// Names this scan in later calls; fit for a URL; says nothing about the token.
    #[serde(skip)]
    pub token_id: String,
}

#[cfg(not(target_arch = "wasm32"))]
mod described {
    use crate::token::Command;
    use utoipa::openapi::Ref;
    use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, OneOfBuilder, Schema, Type};

    pub(super) fn command() -> Schema {
        let text = ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some([Command::OpenToSave.as_str(), Command::SaveToData.as_str()]));
        Schema::from(text.build())
    }

    pub(super) fn data() -> Schema {
        let either = OneOfBuilder::new()
            .item(Ref::from_schema_name("Fields"))
            .item(ArrayBuilder::new().items(Ref::from_schema_name("Row")))
            .description(Some(
                "In clear: for `OpenToSave` one compartment, for `SaveToData` all rows",
            ));
        Schema::from(either.build())
    }
}

impl std::fmt::Debug for Scanned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scanned")
            .field("cmd", &self.cmd)
            .field("yid", &self.yid)
            .finish_non_exhaustive()
    }
}

/// The request that follows a scan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct Next {
    /// HTTP method.
    pub method: String,
    /// Path; `:thingsSq` stands for the order where the code does not name it.
    pub href: String,
}

/// An `OpenToSave` scanned and not completed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingDeposit {
    /// The scan.
    pub token_id: String,
    /// The kiosk.
    pub yid: Yid,
    /// How it is called.
    pub kiosk_name: String,
    /// The compartment.
    pub port: Port,
    /// What is written on its door.
    pub label: String,
    /// When it was scanned.
    pub scanned_at: Millis,
    /// The order, where the code names it.
    pub things_sq: Option<ThingsSq>,
}

/// How long a scan stands for the person who made it.
pub const SCAN_STANDS_MS: i64 = 30 * 60 * 1000;

//! `GET /v1/openapi.json`: the interface described for other programs, made of the types of the handlers ([`super::described`]) and messages.

use super::described::{Schemas, refusal};
use super::error::Body;
use crate::sign::SignRefusal;
use axum::response::{IntoResponse, Response};
use domain::guard::messages::Sign;
use http::header::CONTENT_TYPE;
use serde_json::json;
use std::sync::LazyLock;
use utoipa::openapi::path::{Operation, OperationBuilder, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{AnyOfBuilder, Components, ComponentsBuilder, ObjectBuilder, OneOfBuilder, Schema, Type};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{
    Content, ContentBuilder, HttpMethod, InfoBuilder, OpenApi, OpenApiBuilder, PathItem, PathsBuilder, Ref, Required,
    ServerBuilder,
};
use utoipa::{PartialSchema, ToSchema};

const INTRODUCTION: &str = "Meter lockers: reading and making codes, completing deposits, synchronising kiosks. Guards of doors: the 26 messages \
     at `/v1/sign`, with rules of their own, and the link of the devices at `/v1/link`. JSON in UTF-8; bodies up to 1 MiB; unknown fields are \
     ignored, keys given twice are refused. Every refusal but those of `/v1/sign` is \
     `{\"success\":false,\"errorCode\":<status>,\"message\":…,\"reason\":{\"code\":…}}`, its message in the language of `Accept-Language` (ko, zh, \
     en). At any address of these 400 says that the request does not name exactly one host, 408 that its body came too slowly, and 421 that its \
     host is not this server; 308 leads from another form of the address to the one that is served. 503 with `Retry-After`, at any address of \
     these, says that the database does not answer for the moment: send the same request again, with the same `Idempotency-Key` where the \
     address takes one.";

/// What the statuses of a refusal mean.
const REFUSALS: [(&str, &str); 9] = [
    ("400", "Malformed, or a damaged code"),
    ("401", "Not signed in"),
    ("403", "Not yours, not scanned by you, or sent by another site's page"),
    ("404", "Unknown"),
    ("409", "In another state by now, or used already"),
    ("410", "The code has expired"),
    ("413", "Too large"),
    (
        "422",
        "An impossible value, which `reason.field` names, or an `Idempotency-Key` that belongs to another request",
    ),
    ("429", "Too many tries; `Retry-After` says how long"),
];

const SIGN: &str = "The same at `/` on every listener. One JSON object of at most 64 KiB; `sign` says which message it is, as an integer or as a \
     text of digits with blanks around it. Signs 2, 4 and 26 answer a `token`; every message that is not for anybody needs it, as the field \
     `token` or as bearer. Replies are ASCII. Every refusal, whatever the reason, is the failure value of that message with empty texts and \
     lists, at status 200; a sign nobody knows has `{\"result\":1}`.";

const LINK: &str = "A WebSocket with the subprotocol `latchkey.guard.v1`, kept open by a device at a door; docs/LINK.md describes its frames. The \
     device proves the key of the inventory in its first frame.";

static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
    let document = build().to_json();
    document.unwrap_or_else(|error| {
        tracing::error!(%error, "the description of /v1 cannot be written");
        "{}".to_owned()
    })
});

/// The description as it is served.
pub fn document() -> &'static str {
    &DOCUMENT
}

/// Anybody: the description.
pub async fn describe() -> Response {
    ([(CONTENT_TYPE, "application/json")], document()).into_response()
}

fn build() -> OpenApi {
    let mut schemas = vec![(Body::name().into_owned(), Body::schema())];
    Body::schemas(&mut schemas);
    let paths = super::addresses()
        .into_iter()
        .fold(PathsBuilder::new(), |paths, address| {
            schemas.extend(address.schemas);
            paths.path(address.path, PathItem::new(address.method, address.operation))
        })
        .path("/sign", PathItem::new(HttpMethod::Post, sign(&mut schemas)))
        .path("/link", PathItem::new(HttpMethod::Get, link()));
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Latchkey")
                .version("1")
                .description(Some(INTRODUCTION)),
        )
        .servers(Some([ServerBuilder::new().url("/v1").build()]))
        .paths(paths)
        .components(Some(components(schemas)))
        .build()
}

fn components(schemas: Schemas) -> Components {
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    let session = ApiKey::Cookie(ApiKeyValue::new("latchkey"));
    let components = ComponentsBuilder::new()
        .schemas_from_iter(schemas)
        .security_scheme("bearer", SecurityScheme::Http(bearer))
        .security_scheme("session", SecurityScheme::ApiKey(session));
    REFUSALS
        .iter()
        .fold(components, |components, (status, meaning)| {
            let meant = ResponseBuilder::new()
                .description(*meaning)
                .content("application/json", refers_to(&Body::name()));
            components.response(*status, meant.build())
        })
        .build()
}

fn refers_to(name: &str) -> Content {
    ContentBuilder::new().schema(Some(Ref::from_schema_name(name))).build()
}

fn sign(schemas: &mut Schemas) -> Operation {
    let (mut messages, mut replies) = (OneOfBuilder::new(), AnyOfBuilder::new());
    for sign in Sign::ALL {
        let described = sign.described();
        let reply = format!("{}Reply", described.name);
        messages = messages.item(Ref::from_schema_name(described.name));
        replies = replies.item(Ref::from_schema_name(&reply));
        schemas.push((described.name.to_owned(), described.request));
        schemas.push((reply, described.reply));
        schemas.extend(described.schemas);
    }
    schemas.push(("Message".to_owned(), Schema::from(messages.build()).into()));
    schemas.push(("Reply".to_owned(), Schema::from(replies.build()).into()));
    schemas.push((SignRefusal::name().into_owned(), SignRefusal::schema()));
    let refused = |meaning: &str| {
        ResponseBuilder::new()
            .description(meaning)
            .content("application/json", refers_to(&SignRefusal::name()))
            .build()
    };
    let body = RequestBodyBuilder::new()
        .required(Some(Required::True))
        .content("application/json", refers_to("Message"))
        .content("text/json", refers_to("Message"));
    let reply = ResponseBuilder::new()
        .description("The reply")
        .content("application/json", refers_to("Reply"));
    OperationBuilder::new()
        .summary(Some("One of the 26 messages of the guards' clients"))
        .description(Some(SIGN))
        .securities(Some([
            SecurityRequirement::new("bearer", Vec::<String>::new()),
            SecurityRequirement::default(),
        ]))
        .request_body(Some(body.build()))
        .response("200", reply.build())
        .response(
            "400",
            refused("No JSON object, a key given twice, nested too deeply, or another content type"),
        )
        .response("403", refused("Sent by another site's page"))
        .response("413", refused("More than 64 KiB"))
        .build()
}

fn link() -> Operation {
    let header = |name: &str, value: &str| {
        let text = ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some([json!(value)]));
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Header)
            .required(Required::True)
            .schema(Some(text))
            .build()
    };
    let full = ResponseBuilder::new()
        .description("No place for one more guard, or the node is stopping; `Retry-After` says how long")
        .content("application/json", refers_to(&Body::name()));
    OperationBuilder::new()
        .summary(Some("The link of a guard"))
        .description(Some(LINK))
        .securities(Some(Vec::<SecurityRequirement>::new()))
        .parameters(Some([
            header("Upgrade", "websocket"),
            header("Sec-WebSocket-Protocol", "latchkey.guard.v1"),
        ]))
        .response(
            "101",
            ResponseBuilder::new().description("The WebSocket is open").build(),
        )
        .response("400", refusal("400"))
        .response("429", full.build())
        .build()
}

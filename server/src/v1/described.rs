//! What an address of `/v1` takes and answers, read off the types of its handler. So the description served at `/v1/openapi.json` cannot say
//! anything else than the handler does; only words are added to it ([`About`]).

use super::auth::{Caller, Somebody};
use super::error::Failure;
use super::json::{Json, Success};
use super::once::LONGEST;
use super::segment::{Segment, ThingsSqSegment, YidSegment};
use crate::state::AppState;
use axum::Extension;
use axum::extract::{RawQuery, Request, State};
use axum::handler::Handler;
use axum::response::Response;
use axum::routing::{self, MethodRouter};
use domain::ids::{ThingsSq, Yid};
use http::HeaderMap;
use serde_json::json;
use std::collections::BTreeSet;
use utoipa::openapi::path::{Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::response::{ResponseBuilder, ResponsesBuilder};
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{ContentBuilder, HttpMethod, Ref, RefOr, Required};
use utoipa::{PartialSchema, ToSchema};

/// Schemas by their names.
pub type Schemas = Vec<(String, RefOr<Schema>)>;

/// An address and all that is known of it.
pub struct Address {
    /// Below `/v1`, with `{…}` for what varies.
    pub path: &'static str,
    /// Requests with the header `Idempotency-Key` are done once.
    pub takes_key: bool,
    /// What answers there.
    pub methods: MethodRouter<AppState>,
    /// The one method it has.
    pub method: HttpMethod,
    /// The description.
    pub operation: Operation,
    /// What the description refers to.
    pub schemas: Schemas,
}

/// The words about an address, and what its types do not say.
#[derive(Clone, Copy)]
pub struct About {
    summary: &'static str,
    description: &'static str,
    done: &'static str,
    refusals: &'static [u16],
    parameters: fn() -> Vec<Parameter>,
    images: bool,
    bearer_only: bool,
    takes_key: bool,
}

impl About {
    /// In a few words, and in more: who may call, and what comes of it.
    pub const fn new(summary: &'static str, description: &'static str) -> Self {
        Self {
            summary,
            description,
            done: "Done",
            refusals: &[],
            parameters: Vec::new,
            images: false,
            bearer_only: false,
            takes_key: false,
        }
    }

    /// What success means.
    pub const fn done(self, done: &'static str) -> Self {
        Self { done, ..self }
    }

    /// It may also be refused with these.
    pub const fn refused(self, refusals: &'static [u16]) -> Self {
        Self { refusals, ..self }
    }

    /// What may stand in the query.
    pub const fn query(self, parameters: fn() -> Vec<Parameter>) -> Self {
        Self { parameters, ..self }
    }

    /// It answers an image.
    pub const fn answers_images(self) -> Self {
        Self { images: true, ..self }
    }

    /// A browser's session is not enough.
    pub const fn by_bearer_only(self) -> Self {
        Self {
            bearer_only: true,
            ..self
        }
    }

    /// It does something, and takes the header `Idempotency-Key`.
    pub const fn takes_key(self) -> Self {
        Self {
            takes_key: true,
            ..self
        }
    }
}

/// `GET` at this address.
pub fn get<H, T>(path: &'static str, handler: H, about: About) -> Address
where
    H: Handler<T, AppState> + Described<T>,
    T: 'static,
{
    address(path, HttpMethod::Get, H::draft(), about, routing::get(handler))
}

/// `POST` at this address.
pub fn post<H, T>(path: &'static str, handler: H, about: About) -> Address
where
    H: Handler<T, AppState> + Described<T>,
    T: 'static,
{
    address(path, HttpMethod::Post, H::draft(), about, routing::post(handler))
}

/// `PUT` at this address.
pub fn put<H, T>(path: &'static str, handler: H, about: About) -> Address
where
    H: Handler<T, AppState> + Described<T>,
    T: 'static,
{
    address(path, HttpMethod::Put, H::draft(), about, routing::put(handler))
}

fn address(
    path: &'static str,
    method: HttpMethod,
    mut draft: Draft,
    about: About,
    methods: MethodRouter<AppState>,
) -> Address {
    draft.refusals.extend(about.refusals);
    if method != HttpMethod::Get {
        // Sent by another site's page.
        draft.refusals.insert(403);
    }
    if about.bearer_only {
        draft.securities = vec!["bearer"];
    }
    let key = about.takes_key.then(key_parameter);
    let parameters: Vec<Parameter> = key
        .into_iter()
        .chain(std::mem::take(&mut draft.parameters))
        .chain((about.parameters)())
        .collect();
    Address {
        path,
        takes_key: about.takes_key,
        methods,
        method,
        schemas: std::mem::take(&mut draft.schemas),
        operation: OperationBuilder::new()
            .summary(Some(about.summary))
            .description((!about.description.is_empty()).then_some(about.description))
            .securities(Some(draft.securities.iter().map(|name| requirement(name))))
            .parameters((!parameters.is_empty()).then_some(parameters))
            .request_body(draft.body.take())
            .responses(draft.responses(&about))
            .build(),
    }
}

fn requirement(name: &str) -> SecurityRequirement {
    SecurityRequirement::new(name, Vec::<String>::new())
}

fn key_parameter() -> Parameter {
    let text = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        // In quotation marks.
        .max_length(Some(LONGEST + 2))
        .examples([json!("\"8e03978e-40d5-43e8-bc93-6894a57f9324\"")]);
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "A one-use key of the sender's choice, such as a UUID, as a string of RFC 8941 (draft-ietf-httpapi-idempotency-key-header). A request \
             that is sent again with the same key within 24 hours is answered with the first result and does nothing more, at whichever node, also \
             after a crash. The same key with another address or body is refused with 422 `key-reused`. What was refused is not kept: it may be \
             corrected and sent with the same key. Of one sender the newest 100 results are kept.",
        ))
        .schema(Some(text))
        .build()
}

/// A description that is being put together.
#[derive(Default)]
pub struct Draft {
    parameters: Vec<Parameter>,
    body: Option<utoipa::openapi::request_body::RequestBody>,
    answer: Option<RefOr<Schema>>,
    refusals: BTreeSet<u16>,
    securities: Vec<&'static str>,
    schemas: Schemas,
}

impl Draft {
    fn in_path(&mut self, name: &str, schema: impl Into<RefOr<Schema>>) {
        self.refusals.insert(400);
        self.parameters.push(
            ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Path)
                .required(Required::True)
                .schema(Some(schema))
                .build(),
        );
    }

    fn signed_in(&mut self) {
        self.securities = vec!["bearer", "session"];
        self.refusals.extend([401, 403]);
    }

    /// A reference to the schema of a type, which is kept under its name.
    fn refer<T: ToSchema>(&mut self) -> Ref {
        T::schemas(&mut self.schemas);
        let name = T::name().into_owned();
        self.schemas.push((name.clone(), T::schema()));
        Ref::from_schema_name(name)
    }

    fn responses(&self, about: &About) -> utoipa::openapi::Responses {
        let mut done = ResponseBuilder::new().description(about.done);
        if about.images {
            for kind in ["image/png", "image/svg+xml"] {
                done = done.content(kind, ContentBuilder::new().build());
            }
        } else if let Some(schema) = &self.answer {
            let content = ContentBuilder::new().schema(Some(schema.clone())).build();
            done = done.content("application/json", content);
        }
        let all = ResponsesBuilder::new().response("200", done.build());
        self.refusals
            .iter()
            .map(u16::to_string)
            .fold(all, |all, status| {
                let refusal = refusal(&status);
                all.response(status, refusal)
            })
            .build()
    }
}

/// A handler whose arguments and answer are described.
pub trait Described<T> {
    /// What they say of it.
    fn draft() -> Draft;
}

macro_rules! described {
    ($($input:ident)*) => {
        impl<F, Answer, Kind, $($input,)*> Described<(Kind, $($input,)*)> for F
        where
            F: Fn($($input),*) -> Answer,
            Answer: Future,
            Answer::Output: Output,
            $($input: Input,)*
        {
            fn draft() -> Draft {
                let mut draft = Draft::default();
                $($input::describe(&mut draft);)*
                Answer::Output::describe(&mut draft);
                draft
            }
        }
    };
}

described! {}
described! { A }
described! { A B }
described! { A B C }
described! { A B C D }
described! { A B C D E }

/// An argument of a handler.
pub trait Input {
    /// Adds what it asks of a request. Nothing, where it is not about what a client sends.
    fn describe(_draft: &mut Draft) {}
}

impl<S> Input for State<S> {}
impl<T> Input for Extension<T> {}
impl Input for HeaderMap {}
impl Input for RawQuery {}
impl Input for Request {}

impl Input for Somebody {
    fn describe(draft: &mut Draft) {
        draft.signed_in();
    }
}

impl Input for Caller {
    fn describe(draft: &mut Draft) {
        draft.signed_in();
    }
}

impl Input for Segment {
    fn describe(draft: &mut Draft) {
        let text = ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("The token"));
        draft.in_path("data", Schema::from(text.build()));
    }
}

impl Input for YidSegment {
    fn describe(draft: &mut Draft) {
        let number = draft.refer::<Yid>();
        draft.in_path("yid", number);
    }
}

impl Input for ThingsSqSegment {
    fn describe(draft: &mut Draft) {
        let key = draft.refer::<ThingsSq>();
        draft.in_path("thingsSq", key);
    }
}

impl<T: ToSchema> Input for Json<T> {
    fn describe(draft: &mut Draft) {
        draft.refusals.extend([400, 413]);
        let schema = draft.refer::<T>();
        let content = ContentBuilder::new().schema(Some(schema)).build();
        draft.body = Some(
            RequestBodyBuilder::new()
                .required(Some(Required::True))
                .content("application/json", content)
                .build(),
        );
    }
}

/// What a handler answers.
pub trait Output {
    /// Adds it.
    fn describe(draft: &mut Draft);
}

impl<T: ToSchema> Output for Success<T> {
    fn describe(draft: &mut Draft) {
        T::schemas(&mut draft.schemas);
        draft.answer = Some(with_success(T::schema()));
    }
}

impl Output for Response {
    fn describe(draft: &mut Draft) {
        draft.answer = Some(Schema::from(ObjectBuilder::new().build()).into());
    }
}

impl<T: Output> Output for Result<T, Failure> {
    fn describe(draft: &mut Draft) {
        T::describe(draft);
    }
}

/// The same object with `success`, which is `true`.
fn with_success(schema: RefOr<Schema>) -> RefOr<Schema> {
    let RefOr::T(Schema::Object(mut object)) = schema else {
        return schema;
    };
    let success = ObjectBuilder::new()
        .schema_type(SchemaType::new(Type::Boolean))
        .enum_values(Some([json!(true)]));
    object
        .properties
        .insert("success".to_owned(), Schema::from(success.build()).into());
    object.required.insert(0, "success".to_owned());
    RefOr::T(Schema::Object(object))
}

/// The response of a refusal with this status.
pub fn refusal(status: &str) -> RefOr<utoipa::openapi::Response> {
    RefOr::Ref(Ref::from_response_name(status))
}

/// A parameter in the query.
pub fn in_query(name: &str, description: Option<&str>, schema: impl Into<RefOr<Schema>>) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(description)
        .schema(Some(schema))
        .build()
}

/// A text, one of these where there are any.
pub fn text(values: &[&str]) -> Schema {
    let text = ObjectBuilder::new().schema_type(Type::String);
    let text = if values.is_empty() {
        text
    } else {
        text.enum_values(Some(values.iter().map(|value| json!(value))))
    };
    text.build().into()
}

/// The schema of a type, for what is described by hand.
pub fn of<T: PartialSchema>() -> RefOr<Schema> {
    T::schema()
}

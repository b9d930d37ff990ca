//! The messages as other programs are told of them: made of the fields and types that [`super::parse`] reads and [`super::Reply`] writes.

use super::Sign;
use super::fields::Field;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{Object, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

/// A message and its answer.
pub struct Message {
    /// The name of the sign.
    pub name: &'static str,
    /// What is asked.
    pub request: RefOr<Schema>,
    /// What is answered.
    pub reply: RefOr<Schema>,
    /// What these refer to, by name.
    pub schemas: Vec<(String, RefOr<Schema>)>,
}

/// The fields of a request, in their order.
#[derive(Default)]
pub struct Described(ObjectBuilder);

impl Described {
    /// Adds a field that must be there. Its documentation begins with how it is called on the wire, which is said already.
    pub(super) fn with<T: Field>(self, name: &str, documentation: &str) -> Self {
        Self(self.0.property(name, field::<T>(documentation)).required(name))
    }

    /// Adds a field that may be missing, which `_read` reads.
    pub(super) fn with_optional<R, T: Field>(
        self,
        _read: fn(&R) -> &Option<T>,
        name: &str,
        documentation: &str,
    ) -> Self {
        Self(self.0.property(name, field::<T>(documentation)))
    }

    fn of(self, sign: Sign, what: &str) -> Object {
        let who = match sign {
            sign if sign.is_public() => "Anybody",
            sign if sign.is_for_superiors() => "The owner and everybody above",
            _ => "The owner",
        };
        let number = sign.number();
        let either = SchemaType::Array(vec![Type::Integer, Type::String]);
        let numbers: [serde_json::Value; 2] = [number.into(), number.to_string().into()];
        let object = self
            .0
            .property(
                "sign",
                ObjectBuilder::new().schema_type(either).enum_values(Some(numbers)),
            )
            .required("sign")
            .description(Some(format!("Sign {number}. {what} {who}.")));
        let object = if sign.is_public() {
            object
        } else {
            let token = ObjectBuilder::new()
                .schema_type(Type::String)
                .description(Some("The token, unless it stands in the header"));
            object.property("token", token)
        };
        object.build()
    }
}

fn field<T: Field>(documentation: &str) -> ObjectBuilder {
    let documentation = documentation.trim();
    let meaning = documentation
        .split_once(": ")
        .map_or(documentation, |(_, meaning)| meaning);
    T::described().description(Some(meaning))
}

impl Message {
    pub(super) fn of<R: ToSchema>(sign: Sign, name: &'static str, documentation: &str, request: Described) -> Self {
        let mut schemas = Vec::new();
        R::schemas(&mut schemas);
        let what = documentation
            .trim()
            .split_once(" (guard-seed")
            .map_or(documentation.trim(), |(what, _)| what);
        let what = if what.ends_with('?') {
            what.to_owned()
        } else {
            format!("{what}.")
        };
        Self {
            name,
            request: Schema::from(request.of(sign, &what)).into(),
            reply: answers(sign, R::schema()),
            schemas,
        }
    }
}

fn answers(sign: Sign, reply: RefOr<Schema>) -> RefOr<Schema> {
    match reply {
        RefOr::T(Schema::Object(mut object)) => {
            object.description = Some(format!("Answers sign {}", sign.number()));
            RefOr::T(Schema::Object(object))
        }
        other => other,
    }
}

/// The description of an integer code: each value with its meaning.
pub(super) fn codes(codes: &[(i64, &str)]) -> RefOr<Schema> {
    let values = codes.iter().map(|(value, _)| serde_json::Value::from(*value));
    let meanings: Vec<String> = codes
        .iter()
        .map(|(value, meaning)| format!("{value}: {}", meaning.trim()))
        .collect();
    let object = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .enum_values(Some(values))
        .description(Some(meanings.join(" ")));
    Schema::from(object.build()).into()
}

/// One of the two forms of a record.
pub(super) fn record<Info: PartialSchema>(mode: i64, info: &str) -> ObjectBuilder {
    let mode = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .enum_values(Some([serde_json::Value::from(mode)]));
    ObjectBuilder::new()
        .property("guardId", crate::guard::ids::GuardId::schema())
        .required("guardId")
        .property("openMode", mode)
        .required("openMode")
        .property("timetag", crate::guard::times::LocalSecond::schema())
        .required("timetag")
        .property(info, Info::schema())
        .required(info)
}

//! As much of JSON Schema as the description of `/v1` uses. A word that is not known here fails the test that meets it.

use crate::v1::openapi::document;
use domain::ids::Millis;
use serde_json::{Map, Value};

/// What a reference points at, with what stands beside the reference.
pub fn resolved(schema: &Value) -> Value {
    let Some(reference) = schema.get("$ref") else {
        return schema.clone();
    };
    let pointer = reference.as_str().unwrap().strip_prefix('#').unwrap();
    let target = document()
        .pointer(pointer)
        .unwrap_or_else(|| panic!("{pointer} points nowhere"));
    let mut whole = resolved(target);
    for (word, value) in schema.as_object().unwrap() {
        match (word.as_str(), whole.get_mut(word)) {
            ("properties", Some(Value::Object(there))) => there.extend(value.as_object().unwrap().clone()),
            ("required", Some(Value::Array(there))) => there.extend(value.as_array().unwrap().clone()),
            ("$ref", _) => {}
            _ => whole[word] = value.clone(),
        }
    }
    whole
}

/// Where and how a value does not fit a schema. `closed`: a property that is not described is a fault as well.
pub fn fault(schema: &Value, value: &Value, closed: bool) -> Option<String> {
    let schema = resolved(schema);
    schema
        .as_object()
        .unwrap()
        .iter()
        .find_map(|(word, wanted)| broken(word, wanted, value, closed))
}

fn broken(word: &str, wanted: &Value, value: &Value, closed: bool) -> Option<String> {
    let length = value.as_array().map(|items| items.len() as u64);
    let characters = value.as_str().map(|text| text.chars().count() as u64);
    let right = match word {
        "description" | "examples" | "default" => true,
        "type" => types(wanted).iter().any(|kind| is_a(kind, value)),
        "const" => value == wanted,
        "enum" => wanted.as_array().unwrap().contains(value),
        "minimum" => value.as_f64().is_none_or(|number| number >= wanted.as_f64().unwrap()),
        "minItems" => length.is_none_or(|length| length >= wanted.as_u64().unwrap()),
        "maxItems" => length.is_none_or(|length| length <= wanted.as_u64().unwrap()),
        "format" => {
            let format = wanted.as_str().unwrap();
            match format {
                "date-time" => value.as_str().is_none_or(|text| Millis::from_iso(text).is_some()),
                "int32" | "int64" => value.is_i64() || !value.is_number(),
                other => panic!("the format {other} is not known here"),
            }
        }
        "pattern" => {
            let lengths: &[usize] = match wanted.as_str().unwrap() {
                "^[0-9]{4,12}$" => &[4, 5, 6, 7, 8, 9, 10, 11, 12],
                "^[0-9]{12}$" => &[12],
                "^[0-9]{14}$" => &[14],
                "^[0-9]{12}([0-9]{2})?$" => &[12, 14],
                other => panic!("the pattern {other} is not known here"),
            };
            let digits = |text: &str| lengths.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
            value.as_str().is_none_or(digits)
        }
        "minLength" => characters.is_none_or(|length| length >= wanted.as_u64().unwrap()),
        "maxLength" => characters.is_none_or(|length| length <= wanted.as_u64().unwrap()),
        "anyOf" => {
            let mut all = wanted.as_array().unwrap().iter();
            all.any(|one| fault(one, value, closed).is_none())
        }
        "oneOf" => {
            let fits = |one: &&Value| fault(one, value, closed).is_none();
            wanted.as_array().unwrap().iter().filter(fits).count() == 1
        }
        "required" => value.as_object().is_none_or(|fields| {
            let names = wanted.as_array().unwrap();
            names.iter().all(|name| fields.contains_key(name.as_str().unwrap()))
        }),
        "items" => {
            let items = value.as_array()?;
            return items.iter().find_map(|item| fault(wanted, item, closed));
        }
        "properties" => return in_fields(wanted.as_object().unwrap(), value.as_object()?, closed),
        _ => panic!("the word {word} of JSON Schema is not known here"),
    };
    (!right).then(|| format!("{word} {wanted}: {value}"))
}

fn in_fields(wanted: &Map<String, Value>, fields: &Map<String, Value>, closed: bool) -> Option<String> {
    fields.iter().find_map(|(name, value)| match wanted.get(name) {
        Some(schema) => fault(schema, value, closed).map(|fault| format!("{name}: {fault}")),
        None => closed.then(|| format!("{name} is not described")),
    })
}

fn types(wanted: &Value) -> Vec<&str> {
    match wanted {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    }
}

fn is_a(kind: &str, value: &Value) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        _ => panic!("the type {kind} is not known here"),
    }
}

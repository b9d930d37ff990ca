//! The arguments of a server function, read from the fields of a form or from JSON.
//!
//! Every argument is read on its own, so that everything that is wrong is reported at once. The names are those of the function's
//! arguments: serde tells them, so nobody writes them twice. What an argument may be is the business of its type; its
//! `TryFrom<String>` fails with a [`Problem`].
//!
//! In a form everything is text: a field that is missing is an empty one, an empty one is `None`, `false` or an empty list, and a name
//! given more than once is a list. An argument that is a map takes every field whose name begins with its own and a point:
//! `size.1.2` is the entry `1.2` of `size`.

mod texts;

use domain::error::Problem;
use serde::Deserializer;
use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeOwned, DeserializeSeed, IntoDeserializer, MapAccess, Visitor};
use serde_json::Value;
use std::cell::Cell;
use std::fmt;
use texts::Texts;

/// The field that names the function a form calls, by its path.
pub const DO: &str = "do";
/// The field with the one-use key of a form.
pub const ONCE: &str = "once";
/// Most bytes of a form without files.
pub const MAX_FORM_BYTES: u64 = 1 << 20;
/// A field with this in its name is never shown again.
const NEVER_KEPT: &str = "password";

/// What came with a request, in the order it came. Prints nothing: there are passwords among it.
#[derive(Clone, Default)]
pub struct Fields(Vec<(String, Given)>);

/// A form as it came, for when it cannot be answered now; it is only read then. Prints nothing, as its fields do.
#[cfg(feature = "ssr")]
#[derive(Clone)]
pub struct KeptForm(pub axum::body::Bytes);

#[cfg(feature = "ssr")]
impl KeptForm {
    /// What is in it.
    pub fn fields(&self) -> Fields {
        Fields::of_form(&self.0)
    }
}

#[derive(Clone)]
enum Given {
    Text(String),
    Json(Value),
}

/// An argument that cannot be read, by its name, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The field; of a map or list the entry.
    pub field: String,
    /// What is wrong with it.
    pub problem: Problem,
}

impl Fields {
    /// Reads `application/x-www-form-urlencoded`; bytes that are not UTF-8 become a character that no argument takes.
    pub fn of_form(body: &[u8]) -> Self {
        let pairs = form_urlencoded::parse(body).into_owned();
        Self(pairs.map(|(name, text)| (name, Given::Text(text))).collect())
    }

    /// Reads the members of a JSON object; fails with the reason, in English, where it is not one.
    pub fn of_json(body: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(body).map_err(|error| error.to_string())
    }

    /// The text of a field; empty where it is missing, of a repeated one the first.
    pub fn text(&self, name: &str) -> &str {
        let given = self.0.iter().find(|(own, _)| own == name);
        match given {
            Some((_, Given::Text(text) | Given::Json(Value::String(text)))) => text,
            _ => "",
        }
    }

    /// The names and texts that a form may show again: everything but passwords and what the form adds itself.
    pub fn shown_again(&self) -> Vec<(String, String)> {
        let shown = self.0.iter().filter_map(|(name, given)| match given {
            Given::Text(text) if ![DO, ONCE].contains(&name.as_str()) && !name.contains(NEVER_KEPT) => {
                Some((name.clone(), text.clone()))
            }
            _ => None,
        });
        shown.collect()
    }

    /// The same with what the form adds itself, for a form that could not be answered and is to be sent once more.
    pub fn sent_again(&self) -> Vec<(String, String)> {
        let own = [DO, ONCE].into_iter().filter_map(|name| {
            let text = self.text(name);
            (!text.is_empty()).then(|| (name.to_owned(), text.to_owned()))
        });
        own.chain(self.shown_again()).collect()
    }

    /// All arguments, as bytes that no other arguments have: without the one-use key and the name of the function.
    pub fn digestible(&self) -> Vec<u8> {
        let given = self.0.iter().filter(|(name, _)| ![DO, ONCE].contains(&name.as_str()));
        let mut fields: Vec<(&str, String)> = given
            .map(|(name, given)| match given {
                Given::Text(text) => (name.as_str(), text.clone()),
                Given::Json(value) => (name.as_str(), value.to_string()),
            })
            .collect();
        fields.sort_unstable();
        let fields = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        fields.into_bytes()
    }

    /// The names of fields that are none of the arguments and no entries of them: the page is of another version. At most ten.
    pub fn unknown<T: DeserializeOwned>(&self) -> Vec<&str> {
        let names = argument_names::<T>();
        let is_known = |name: &str| {
            let whole = name.split('.').next().unwrap_or_default();
            [DO, ONCE].contains(&name) || names.contains(&name) || names.contains(&whole)
        };
        let given = self.0.iter().map(|(name, _)| name.as_str());
        given.filter(|name| !is_known(name)).take(10).collect()
    }

    /// The arguments, or everything that is wrong with them.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Vec<Wrong>> {
        let names = argument_names::<T>();
        let wrong: Vec<Wrong> = names.iter().flat_map(|name| self.wrong_with::<T>(name)).collect();
        if wrong.is_empty() {
            let all = Arguments {
                fields: self,
                step: Step::All,
            };
            T::deserialize(all).map_err(|trouble| vec![trouble.with("")])
        } else {
            Err(wrong)
        }
    }

    fn wrong_with<T: DeserializeOwned>(&self, name: &'static str) -> Vec<Wrong> {
        let read = |fields: &Self| {
            let step = Step::One(name);
            match T::deserialize(Arguments { fields, step }) {
                Err(trouble) if !trouble.is_enough => Some(trouble.with(name)),
                _ => None,
            }
        };
        match read(self) {
            None => Vec::new(),
            Some(wrong) if wrong.field == name => vec![wrong],
            // An entry of a map; each is read on its own.
            Some(_) => {
                let is_entry = |own: &str| own.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
                let entries = self.0.iter().filter(|(own, _)| is_entry(own));
                entries.filter_map(|entry| read(&Self(vec![entry.clone()]))).collect()
            }
        }
    }

    /// Was anything given under this name, or for an entry of it?
    pub fn has(&self, name: &str) -> bool {
        let of_it = |own: &str| {
            own.strip_prefix(name)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.0.iter().any(|(own, _)| of_it(own))
    }

    fn field<'a>(&'a self, name: &str) -> Field<'a> {
        let mut texts = Vec::new();
        let mut entries = Vec::new();
        for (own, given) in &self.0 {
            match given {
                Given::Json(value) if own == name => return Field::Json(value),
                Given::Text(text) if own == name => texts.push(text.as_str()),
                Given::Text(text) => {
                    let rest = own.strip_prefix(name).and_then(|rest| rest.strip_prefix('.'));
                    entries.extend(rest.map(|rest| (rest, text.as_str())));
                }
                Given::Json(_) => {}
            }
        }
        Field::Texts { texts, entries }
    }
}

/// A JSON object; a name given twice is an error.
impl<'de> de::Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Fields, A::Error> {
                let mut fields: Vec<(String, Given)> = Vec::new();
                while let Some((name, value)) = members.next_entry::<String, Value>()? {
                    if fields.iter().any(|(own, _)| *own == name) {
                        return Err(de::Error::custom("a name is given twice"));
                    }
                    fields.push((name, Given::Json(value)));
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

/// The names of a function's arguments.
pub fn argument_names<T: DeserializeOwned>() -> &'static [&'static str] {
    let names: Cell<&'static [&'static str]> = Cell::new(&[]);
    let fields = Fields::default();
    let step = Step::Names(&names);
    // Always fails: it is only asked what it would read.
    let _ = T::deserialize(Arguments { fields: &fields, step });
    names.get()
}

/// Why reading stopped.
#[derive(Debug)]
struct Trouble {
    problem: Problem,
    /// Below the argument: the entry of a map or list.
    entry: Option<String>,
    /// True: nothing is wrong, the one argument that was asked for has been read.
    is_enough: bool,
}

impl Trouble {
    fn new(problem: Problem) -> Self {
        Self {
            problem,
            entry: None,
            is_enough: false,
        }
    }

    fn enough() -> Self {
        Self {
            is_enough: true,
            ..Self::new(Problem::Form)
        }
    }

    fn with(self, name: &str) -> Wrong {
        Wrong {
            field: match self.entry {
                Some(entry) => format!("{name}.{entry}"),
                None => name.to_owned(),
            },
            problem: self.problem,
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem.fmt(f)
    }
}

impl std::error::Error for Trouble {}

impl de::Error for Trouble {
    fn custom<M: fmt::Display>(message: M) -> Self {
        Self::new(Problem::from_message(&message.to_string()))
    }
}

/// All arguments, to be read as the struct that the macro `server` makes of them.
struct Arguments<'a> {
    fields: &'a Fields,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    /// Only says which arguments there are.
    Names(&'a Cell<&'static [&'static str]>),
    /// Reads one argument and no other.
    One(&'static str),
    /// Reads all of them.
    All,
}

impl<'de> Deserializer<'de> for Arguments<'_> {
    type Error = Trouble;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Trouble> {
        let (wanted, more): (Vec<&'static str>, bool) = match self.step {
            Step::Names(to) => {
                to.set(names);
                return Err(Trouble::enough());
            }
            Step::One(name) => (vec![name], true),
            Step::All => (names.to_vec(), false),
        };
        visitor.visit_map(Reading {
            fields: self.fields,
            wanted: wanted.into_iter(),
            more,
            now: "",
        })
    }

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Trouble> {
        Err(Trouble::new(Problem::Form))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct newtype_struct seq tuple
        tuple_struct map enum identifier ignored_any
    }
}

struct Reading<'a> {
    fields: &'a Fields,
    wanted: std::vec::IntoIter<&'static str>,
    /// There are arguments that are not wanted.
    more: bool,
    now: &'static str,
}

impl<'de> MapAccess<'de> for Reading<'_> {
    type Error = Trouble;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Trouble> {
        match self.wanted.next() {
            Some(name) => {
                self.now = name;
                let name: StrDeserializer<'_, Trouble> = name.into_deserializer();
                seed.deserialize(name).map(Some)
            }
            None if self.more => Err(Trouble::enough()),
            None => Ok(None),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Trouble> {
        match self.fields.field(self.now) {
            Field::Json(value) => seed
                .deserialize(value.clone())
                .map_err(|error: serde_json::Error| de::Error::custom(error)),
            Field::Texts { texts, entries } => seed.deserialize(Texts { texts, entries }),
        }
    }
}

enum Field<'a> {
    Json(&'a Value),
    Texts {
        texts: Vec<&'a str>,
        entries: Vec<(&'a str, &'a str)>,
    },
}

#[cfg(test)]
mod tests;

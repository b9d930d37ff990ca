//! A field of a form, read as the argument it is for.

use super::Trouble;
use domain::error::Problem;
use serde::Deserializer;
use serde::de::value::{SeqDeserializer, StrDeserializer};
use serde::de::{DeserializeSeed, IntoDeserializer, MapAccess, Visitor};

/// A field of a form: what was given under its name, and under names that begin with it.
pub(super) struct Texts<'a> {
    pub(super) texts: Vec<&'a str>,
    pub(super) entries: Vec<(&'a str, &'a str)>,
}

impl Texts<'_> {
    fn one(&self) -> Result<&str, Trouble> {
        match self.texts[..] {
            // A map of another version.
            _ if !self.entries.is_empty() => Err(Trouble::new(Problem::Form)),
            [] => Ok(""),
            [text] if !text.contains(char::REPLACEMENT_CHARACTER) => Ok(text),
            _ => Err(Trouble::new(Problem::Form)),
        }
    }

    fn number<N: std::str::FromStr>(&self) -> Result<N, Trouble> {
        let text = domain::text::compact(self.one()?);
        let problem = if text.is_empty() {
            Problem::Required
        } else {
            Problem::Form
        };
        text.parse().map_err(|_| Trouble::new(problem))
    }
}

macro_rules! numbers {
    ($($deserialize:ident $visit:ident),*) => {
        $(fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Trouble> {
            visitor.$visit(self.number()?)
        })*
    };
}

impl<'de> Deserializer<'de> for Texts<'_> {
    type Error = Trouble;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Trouble> {
        visitor.visit_str(self.one()?)
    }

    numbers! {
        deserialize_i8 visit_i8, deserialize_i16 visit_i16, deserialize_i32 visit_i32, deserialize_i64 visit_i64,
        deserialize_u8 visit_u8, deserialize_u16 visit_u16, deserialize_u32 visit_u32, deserialize_u64 visit_u64,
        deserialize_f32 visit_f32, deserialize_f64 visit_f64
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Trouble> {
        match self.one()? {
            "" | "false" => visitor.visit_bool(false),
            // A checkbox without a value sends `on`.
            "true" | "on" => visitor.visit_bool(true),
            _ => Err(Trouble::new(Problem::Form)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Trouble> {
        if self.entries.is_empty() && self.texts.iter().all(|text| text.trim().is_empty()) {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value, Trouble> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Trouble> {
        let items = self.texts.into_iter().map(|text| Texts {
            texts: vec![text],
            entries: Vec::new(),
        });
        visitor.visit_seq(SeqDeserializer::new(items))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Trouble> {
        let mut names: Vec<&str> = self.entries.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        let is_given_twice = names.windows(2).any(|pair| pair[0] == pair[1]);
        if is_given_twice || self.texts.iter().any(|text| !text.trim().is_empty()) {
            return Err(Trouble::new(Problem::Form));
        }
        visitor.visit_map(Entries {
            rest: self.entries.into_iter(),
            now: ("", ""),
        })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Trouble> {
        let text = self.one()?;
        if text.is_empty() {
            return Err(Trouble::new(Problem::Required));
        }
        let text: StrDeserializer<'_, Trouble> = text.into_deserializer();
        visitor.visit_enum(text)
    }

    serde::forward_to_deserialize_any! {
        i128 u128 char str string bytes byte_buf unit unit_struct tuple tuple_struct struct identifier ignored_any
    }
}

impl IntoDeserializer<'_, Trouble> for Texts<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

struct Entries<'a> {
    rest: std::vec::IntoIter<(&'a str, &'a str)>,
    now: (&'a str, &'a str),
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Trouble;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Trouble> {
        let Some(entry) = self.rest.next() else {
            return Ok(None);
        };
        self.now = entry;
        let key = Texts {
            texts: vec![entry.0],
            entries: Vec::new(),
        };
        seed.deserialize(key).map(Some).map_err(|trouble| self.at(trouble))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Trouble> {
        let value = Texts {
            texts: vec![self.now.1],
            entries: Vec::new(),
        };
        seed.deserialize(value).map_err(|trouble| self.at(trouble))
    }
}

impl Entries<'_> {
    fn at(&self, trouble: Trouble) -> Trouble {
        Trouble {
            entry: Some(self.now.0.to_owned()),
            ..trouble
        }
    }
}

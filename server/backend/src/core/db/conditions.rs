//! Conditions that depend on what is asked for.

use super::statement::{Statement, Value};

/// Conditions of which all must hold, with their values; then whatever else the statement needs.
#[derive(Debug, Default)]
pub(crate) struct Conditions<'a> {
    all: Vec<String>,
    values: Vec<Value<'a>>,
}

impl<'a> Conditions<'a> {
    /// Adds one. Each `?` of it stands for the next of these values.
    pub(crate) fn add<const N: usize>(&mut self, condition: &str, values: [Value<'a>; N]) {
        let mut values = values.into_iter();
        let mut text = String::with_capacity(condition.len() + 2 * N);
        for part in condition.split_inclusive('?') {
            match (part.strip_suffix('?'), values.next()) {
                (Some(before), Some(value)) => {
                    text.push_str(before);
                    text.push_str(&self.value(value));
                }
                _ => text.push_str(part),
            }
        }
        self.all.push(text);
    }

    /// The parameter of a value that is no part of a condition.
    pub(crate) fn value(&mut self, value: impl Into<Value<'a>>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    /// ` WHERE …`, or nothing where there is no condition.
    pub(crate) fn clause(&self) -> String {
        if self.all.is_empty() {
            return String::new();
        }
        format!(" WHERE {}", self.all.join(" AND "))
    }

    /// The statement with this text, in which everything above stands.
    pub(crate) fn statement(self, text: String) -> Statement<'a> {
        Statement::new(text).bind_all(self.values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_mark_becomes_the_parameter_of_its_value() {
        let mut conditions = Conditions::default();
        assert_eq!(conditions.clause(), "");
        conditions.add("a = ?", ["x".into()]);
        conditions.add("b IS NULL", []);
        conditions.add("(c, d) > (?, ?)", [1.into(), "y".into()]);
        assert_eq!(conditions.clause(), " WHERE a = $1 AND b IS NULL AND (c, d) > ($2, $3)");
        assert_eq!(conditions.value(7), "$4");
        let statement = conditions.statement("SELECT 1".to_owned());
        assert_eq!(statement.values().len(), 4);
        assert_eq!(statement.values()[2], Value::from("y"));
    }
}

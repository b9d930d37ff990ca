//! JSON as kiosks of the field write it: a number may end with its point, `1.`, which JSON does not know.

use serde::de::DeserializeOwned;

/// Reads strict JSON, or else JSON of the field.
pub fn parse<T: DeserializeOwned>(json: &[u8]) -> Option<T> {
    serde_json::from_slice(json)
        .or_else(|_| serde_json::from_slice(&mended(json)))
        .ok()
}

/// The text with the points at the ends of numbers taken away; strict JSON comes back as it is.
pub fn mended(json: &[u8]) -> Vec<u8> {
    let mut in_text = false;
    let mut escaped = false;
    let mut kept = Vec::with_capacity(json.len());
    for (at, &byte) in json.iter().enumerate() {
        if in_text {
            in_text = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
        } else if byte == b'"' {
            in_text = true;
        } else if byte == b'.' && is_digit(json, at.checked_sub(1)) && !is_digit(json, at.checked_add(1)) {
            continue;
        }
        kept.push(byte);
    }
    kept
}

fn is_digit(json: &[u8], at: Option<usize>) -> bool {
    at.and_then(|at| json.get(at)).is_some_and(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_at_the_end_of_a_number_goes_and_nothing_else() {
        let kept = |json: &str| String::from_utf8(mended(json.as_bytes())).unwrap();
        assert_eq!(kept(r#"{"serial":1.,"jumper":12. }"#), r#"{"serial":1,"jumper":12 }"#);
        assert_eq!(
            kept(r#"[1.,1.5,"1.","a\"1.","\\",2.]"#),
            r#"[1,1.5,"1.","a\"1.","\\",2]"#
        );
        assert_eq!(kept("."), ".");
        assert_eq!(kept("1."), "1");
    }

    #[test]
    fn strict_json_is_read_as_it_is() {
        assert_eq!(parse::<Vec<f64>>(b"[1.5,2]"), Some(vec![1.5, 2.0]));
        assert_eq!(parse::<Vec<i64>>(b"[1.,2.]"), Some(vec![1, 2]));
        assert_eq!(parse::<Vec<i64>>(b"[1..]"), None);
        assert_eq!(parse::<Vec<i64>>(b""), None);
    }
}

//! The text of a message (SPEC 4.1). It should be UTF-8, but the field's Java clients send what their platform writes: GB 18030 on a Chinese
//! Windows. Some convert twice, UTF-8 read as GBK and written as GBK again, and lose the last byte of a text with an odd number of
//! them; a question mark stands in its place, or nothing.

use encoding_rs::{Encoding, GB18030, GBK};
use std::borrow::Cow;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The body in UTF-8, with U+FFFD where the last character of a text was broken; as it is where it cannot be read.
///
/// `declared` is the `charset` of the content type. A client that declares GBK is believed; one that declares UTF-8 may still be wrong.
pub(super) fn utf8<'a>(body: &'a [u8], declared: Option<&str>) -> Cow<'a, [u8]> {
    let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
    let declares_gbk = declared
        .and_then(|label| Encoding::for_label(label.as_bytes()))
        .is_some_and(|encoding| encoding == GBK || encoding == GB18030);
    if std::str::from_utf8(body).is_ok() && (body.is_ascii() || !declares_gbk) {
        return Cow::Borrowed(body);
    }
    let broken_utf8 = if declares_gbk { None } else { broken_utf8(body) };
    match (broken_utf8, gb18030(body)) {
        // A second conversion leaves whole characters before the broken one, or a question mark in its place.
        (Some((text, true)), _) | (Some((text, false)), None) | (_, Some(text)) => Cow::Owned(text.into_bytes()),
        (None, None) => Cow::Borrowed(body),
    }
}

/// Read as UTF-8 of which nothing but last characters of texts is broken, and whether it is hardly anything else.
fn broken_utf8(body: &[u8]) -> Option<(String, bool)> {
    let (mut text, mut is_sure) = (String::with_capacity(body.len()), false);
    let mut rest = body;
    for chunk in body.utf8_chunks() {
        rest = rest.get(chunk.valid().len() + chunk.invalid().len()..)?;
        text.push_str(chunk.valid());
        is_sure |= chunk.valid().chars().any(|c| c.len_utf8() > 2);
        if chunk.invalid().is_empty() {
            continue;
        }
        if !is_cut_character(chunk.invalid()) || !ends_a_text(rest.iter().copied()) {
            return None;
        }
        is_sure |= rest.first() == Some(&b'?');
        text.push(char::REPLACEMENT_CHARACTER);
    }
    Some((text, is_sure))
}

/// The beginning of a character of UTF-8 whose end is missing.
fn is_cut_character(bytes: &[u8]) -> bool {
    matches!(bytes.first(), Some(0xc2..=0xf4)) && bytes.iter().skip(1).all(|byte| matches!(byte, 0x80..=0xbf))
}

/// Whether a text of JSON ends here, perhaps after the question mark of a lost byte.
fn ends_a_text(mut rest: impl Iterator<Item = u8>) -> bool {
    match rest.next() {
        Some(b'?') => rest.next() == Some(b'"'),
        next => next == Some(b'"'),
    }
}

/// Read as GB 18030 of which nothing but last characters of texts is broken.
fn gb18030(body: &[u8]) -> Option<String> {
    // In no character at all.
    if body.contains(&0xff) {
        return None;
    }
    let (text, _) = GB18030.decode_without_bom_handling(body);
    let whole = text
        .match_indices(char::REPLACEMENT_CHARACTER)
        .all(|(at, mark)| ends_a_text(text[at + mark.len()..].bytes()));
    whole.then(|| text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &[u8]) -> String {
        String::from_utf8_lossy(&utf8(body, None)).into_owned()
    }

    fn gbk(text: &str) -> Vec<u8> {
        GBK.encode(text).0.into_owned()
    }

    /// What the field's client makes of a text: the bytes of UTF-8 read as GBK, and written as GBK.
    fn converted_twice(text: &str) -> Vec<u8> {
        let misread = GBK
            .decode_without_bom_handling(text.as_bytes())
            .0
            .replace(char::REPLACEMENT_CHARACTER, "?");
        gbk(&misread)
    }

    #[test]
    fn utf8_is_read_as_it_is() {
        for text in [
            "{}",
            r#"{"a":"张伟"}"#,
            r#"{"a":"김"}"#,
            r#"{"a":"é"}"#,
            "{\"a\":\"\u{fffd}\"}",
            "",
        ] {
            assert!(matches!(utf8(text.as_bytes(), None), Cow::Borrowed(same) if same == text.as_bytes()));
        }
        assert_eq!(read("\u{feff}{}".as_bytes()), "{}");
    }

    #[test]
    fn chinese_of_a_chinese_windows_is_read() {
        for name in [
            "张伟",
            "李",
            "王小明",
            "欧阳娜娜",
            "司马相如",
            "绫",
            "丂",
            "镕",
            "张三(物业)?",
            "𠮷野家",
            "€",
        ] {
            let body = format!(r#"{{"sign":2,"ownerName":"{name}","x":"\\"}}"#);
            let (bytes, _, lost) = GB18030.encode(&body);
            assert!(!lost);
            assert_eq!(read(&bytes), body, "{name}");
        }
    }

    #[test]
    fn a_declared_charset_decides_where_both_would_do() {
        // These two bytes are one character in either encoding.
        let body = [br#"{"a":""#.as_slice(), b"\xc4\xa3", br#""}"#].concat();
        assert_eq!(read(&body), r#"{"a":"ģ"}"#);
        for label in ["GBK", "gb2312", "GB18030"] {
            assert_eq!(*utf8(&body, Some(label)), *r#"{"a":"模"}"#.as_bytes(), "{label}");
        }
        for label in ["utf-8", "nonsense", ""] {
            assert_eq!(*utf8(&body, Some(label)), body, "{label}");
        }
        let chinese = gbk(r#"{"a":"张伟"}"#);
        assert_eq!(*utf8(&chinese, Some("utf-8")), *r#"{"a":"张伟"}"#.as_bytes());
    }

    #[test]
    fn a_last_character_that_was_broken_by_a_second_conversion_is_replaced() {
        for (name, expected) in [
            ("王", "\u{fffd}?"),
            ("王小明", "王小\u{fffd}?"),
            ("李四", "李四"),
            ("欧阳明", "欧阳\u{fffd}?"),
        ] {
            let sent = converted_twice(&format!(r#"{{"ownerName":"{name}","x":1}}"#));
            assert_eq!(read(&sent), format!(r#"{{"ownerName":"{expected}","x":1}}"#), "{name}");
        }
    }

    #[test]
    fn a_character_that_was_cut_at_the_end_of_a_text_is_replaced() {
        let cut = |bytes: &[u8]| [br#"{"a":""#.as_slice(), bytes, br#"","b":1}"#].concat();
        assert_eq!(read(&cut(b"\xe7\x8e\x8b\xe5\xb0")), "{\"a\":\"王\u{fffd}\",\"b\":1}");
        assert_eq!(read(&cut(b"\xd5\xc5\xce")), "{\"a\":\"张\u{fffd}\",\"b\":1}");
    }

    #[test]
    fn what_is_no_text_stays_as_it_is() {
        for body in [
            b"{\"a\":\"\xff\"}".as_slice(),
            b"{\"\xff\":1}",
            b"\xff\xfe{\0}\0",
            b"{\"a\":\"\xe7 x\"}",
        ] {
            assert!(
                matches!(utf8(body, None), Cow::Borrowed(same) if same == body),
                "{body:?}"
            );
        }
    }
}

//! What people type or paste, brought into one form. Every identifier, name, number and password passes through here where it enters,
//! so that the same text is the same value whichever keyboard, input method or program it came from: full-width digits of a Chinese or
//! Japanese keyboard, the decomposed Hangul of macOS, invisible marks around a pasted number, dashes a word processor made.
//!
//! Control characters are left in place everywhere, for the types to reject. Each function is idempotent.

/// For identifiers: compatibility forms (full-width, circled, ligatures) become the usual letters and digits, every dash a hyphen, white
/// space one space; invisible characters and spaces at the ends are removed.
pub fn identifier(text: &str) -> String {
    if is_in_form(text, is_plain) {
        return text.to_owned();
    }
    let visible: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    let folded: String = nfkc(&visible).chars().map(plain_dash).collect();
    single_spaces(&folded)
}

/// Like [`identifier`], without any space: for numbers that people write in groups.
pub fn compact(text: &str) -> String {
    without(text, &[' '])
}

/// For numbers of digits alone: like [`compact`], without hyphens.
pub fn digits(text: &str) -> String {
    without(text, &[' ', '-'])
}

/// For names: composed (NFC), white space one space, nothing invisible but the marks that choose how emoji and Han characters are drawn.
/// Full-width letters stay: they are visible, and some names are written with them.
pub fn name(text: &str) -> String {
    if is_in_form(text, |c| is_plain(c) || is_plain_in_names(c)) {
        return text.to_owned();
    }
    let kept: String = text
        .chars()
        .filter(|c| !is_invisible(*c) || chooses_a_form(*c))
        .collect();
    single_spaces(&nfc(&kept))
}

/// For text of several lines: like [`name`], but line breaks and the spaces inside stay; every line break becomes `\n`.
pub fn lines(text: &str) -> String {
    let is_plain = |c| matches!(c, ' ' | '\n') || is_plain(c) || is_plain_in_names(c);
    if text.chars().all(is_plain) && text.trim().len() == text.len() {
        return text.to_owned();
    }
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let kept: String = text
        .chars()
        .filter(|c| !is_invisible(*c) || chooses_a_form(*c))
        .collect();
    nfc(&kept).trim().to_owned()
}

/// For passwords: composed (NFC) and nothing else, because every other difference may be meant.
pub fn password(text: &str) -> String {
    nfc(text)
}

/// The forms in which a password may have been hashed: as typed, composed, decomposed. Each once, and never none.
pub fn password_forms(typed: &str) -> Vec<String> {
    let mut forms = vec![typed.to_owned()];
    for form in [nfc(typed), nfd(typed)] {
        if !forms.contains(&form) {
            forms.push(form);
        }
    }
    forms
}

/// Composed (NFC) and nothing else.
pub(crate) fn composed(text: &str) -> String {
    nfc(text)
}

/// The usual letters and digits for one compatibility form (NFKC).
pub(crate) fn compatible(c: char) -> String {
    nfkc(c.encode_utf8(&mut [0; 4]))
}

fn without(text: &str, dropped: &[char]) -> String {
    let mut text = identifier(text);
    text.retain(|c| !dropped.contains(&c));
    // What stood apart may compose now.
    nfc(&text)
}

/// Whether a text is in the one form already: of these characters, which stay as they are, with single blanks between them. Most texts are, and all
/// that are stored, which are read again and again.
fn is_in_form(text: &str, is_plain: impl Fn(char) -> bool) -> bool {
    let mut after_blank = true;
    for c in text.chars() {
        let is_blank = c == ' ';
        if (is_blank && after_blank) || !(is_blank || is_plain(c)) {
            return false;
        }
        after_blank = is_blank;
    }
    text.is_empty() || !after_blank
}

/// Visible ASCII, Han characters and whole Hangul syllables: composed, and of no other compatible form.
fn is_plain(c: char) -> bool {
    matches!(c, '!'..='~' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

/// Latin letters with their marks: composed, and nothing from here on to the first mark that stands alone is invisible.
fn is_plain_in_names(c: char) -> bool {
    matches!(c, '\u{ae}'..='\u{2ff}')
}

fn single_spaces(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.trim().chars() {
        if !c.is_whitespace() || c.is_control() {
            out.push(c);
        } else if !out.ends_with(' ') {
            out.push(' ');
        }
    }
    out
}

fn plain_dash(c: char) -> char {
    match c {
        // Hyphens, figure, en and em dash, horizontal bar, hyphen bullet, minus, small forms.
        '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' => '-',
        _ => c,
    }
}

/// Characters that show nothing: what Unicode calls `Default_Ignorable_Code_Point`, the Hangul fillers among them, and the marks of
/// interlinear annotations.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Joiners and variation selectors, which belong to how a name is written.
fn chooses_a_form(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

#[cfg(not(target_arch = "wasm32"))]
fn nfc(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    if text.is_ascii() {
        return text.to_owned();
    }
    text.nfc().collect()
}

#[cfg(not(target_arch = "wasm32"))]
fn nfd(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    if text.is_ascii() {
        return text.to_owned();
    }
    text.nfd().collect()
}

#[cfg(not(target_arch = "wasm32"))]
fn nfkc(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    if text.is_ascii() {
        return text.to_owned();
    }
    text.nfkc().collect()
}

/// In the browser the tables of Unicode would cost more than the rest of a page's program. What a kiosk reads comes from its pad or a
/// scanner, and the server normalises it again.
#[cfg(target_arch = "wasm32")]
fn nfc(text: &str) -> String {
    text.to_owned()
}

/// As for [`nfc`].
#[cfg(target_arch = "wasm32")]
fn nfd(text: &str) -> String {
    text.to_owned()
}

/// As for [`nfc`]: the full-width forms of ASCII and the ideographic space alone.
#[cfg(target_arch = "wasm32")]
fn nfkc(text: &str) -> String {
    let folded = text.chars().map(|c| match c {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        _ => c,
    });
    folded.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_typed_with_other_input_methods_are_the_same() {
        for typed in [
            "A-1 2",
            "Ａ－１　２",
            " A\u{2011}1\u{a0}\u{2009}2 ",
            "\u{202d}A\u{2013}1 2\u{202c}",
            "A\u{200b}-1 2\u{feff}",
            "A\u{2212}1 2\u{3164}",
        ] {
            assert_eq!(identifier(typed), "A-1 2", "{typed:?}");
        }
        assert_eq!(
            identifier("번호"),
            identifier("\u{1107}\u{1165}\u{11ab}\u{1112}\u{1169}")
        );
        assert_eq!(compact(" 1101 0119 9003 0712 6Ｘ"), "11010119900307126X");
        assert_eq!(digits("１３-57\u{2013}９０ "), "135790");
    }

    #[test]
    fn names_are_composed_and_keep_what_is_visible() {
        assert_eq!(
            name("\u{1112}\u{1161}\u{11ab}\u{1107}\u{1175}\u{11be} 전기"),
            "한빛 전기"
        );
        assert_eq!(name(" 한빛\u{200b}\u{3000}\u{a0}전기\u{202c} "), "한빛 전기");
        assert_eq!(name("（주）한빛Ａ"), "（주）한빛Ａ");
        assert_eq!(name("👩\u{200d}🔧 葛\u{e0100}"), "👩\u{200d}🔧 葛\u{e0100}");
        assert_eq!(name("e\u{301}"), "é");
    }

    #[test]
    fn control_characters_stay_for_the_types_to_reject() {
        assert_eq!(identifier("a\tb"), "a\tb");
        assert_eq!(name("a\nb"), "a\nb");
        assert_eq!(lines(" a\r\nb  c\rd "), "a\nb  c\nd");
    }

    #[test]
    fn passwords_are_composed_and_nothing_else() {
        assert_eq!(password("\u{1100}\u{1161}"), "가");
        assert_eq!(password(" Ａ１\u{200b} "), " Ａ１\u{200b} ");
        assert_eq!(password_forms("가"), ["가", "\u{1100}\u{1161}"]);
        assert_eq!(password_forms("\u{1100}\u{1161}"), ["\u{1100}\u{1161}", "가"]);
        assert_eq!(password_forms("plain"), ["plain"]);
    }

    #[test]
    fn characters_that_are_taken_as_they_are_have_no_other_form() {
        let (mut plain, mut in_names) = (0, 0);
        for c in (0..=u32::from(char::MAX)).filter_map(char::from_u32) {
            let text = c.to_string();
            let stays = !is_invisible(c) && !c.is_whitespace() && !c.is_control();
            if is_plain(c) {
                plain += 1;
                assert!(
                    stays && plain_dash(c) == c && nfkc(&text) == text && nfc(&text) == text,
                    "{c:?}"
                );
            }
            if is_plain_in_names(c) {
                in_names += 1;
                assert!(stays && nfc(&text) == text, "{c:?}");
            }
        }
        assert_eq!((plain, in_names), (94 + 0x5200 + 11_172, 0x252));
    }

    #[test]
    fn only_single_blanks_inside_are_taken_as_they_are() {
        for (text, expected) in [
            ("", ""),
            (" ", ""),
            ("a b", "a b"),
            (" a", "a"),
            ("a ", "a"),
            ("a  b", "a b"),
        ] {
            assert_eq!((name(text).as_str(), identifier(text).as_str()), (expected, expected));
        }
        for (text, expected) in [("", ""), ("a  b\nc", "a  b\nc"), (" a\n", "a"), ("a\r\nb", "a\nb")] {
            assert_eq!(lines(text), expected, "{text:?}");
        }
        // A letter and a mark that belong together are one, whatever stands before.
        assert_eq!(lines("가\ne\u{301}"), "가\né");
        assert_eq!(name("가e\u{301}"), "가é");
        assert_eq!(identifier("한빛 \u{ff21}"), "한빛 A");
    }

    #[test]
    fn a_second_time_changes_nothing() {
        for text in [
            "Ａ－１　２\u{200b}",
            "\u{1112}\u{1161}\u{11ab}",
            "\u{3164}x",
            "\u{ffa0}\u{1160}가",
            "ﬁ½①",
            "a \u{200b} b",
            "e \u{301}",
            "\u{1100}\u{200b}\u{1161}",
        ] {
            for normal in [identifier, compact, digits, name, lines, password] {
                let once = normal(text);
                assert_eq!(normal(&once), once, "{text:?}");
            }
        }
    }
}

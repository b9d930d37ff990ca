//! HTML as text, for what stands on a page many times, such as the rows of a list: a view keeps every element and attribute in a box of its own, which for a
//! page of rows takes most of its time.

use leptos::prelude::*;
use leptos::tachys::html::InertElement;
use std::borrow::Cow;
use std::fmt;

/// A piece of a page as HTML, made by [`html!`](crate::html). It can stand in a view.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Html(Cow<'static, str>);

/// A piece of a page from its HTML with names in braces, and the value of each name: `html!(r#"<a href="{href}">{text}</a>"#, href = …, text = …)`.
/// Everything is escaped but what is [`Html`] itself.
#[macro_export]
macro_rules! html {
    ($($form:literal)+ $(, $name:ident = $value:expr)* $(,)?) => {{
        const _: () = $crate::ui::html::check(concat!($($form),+));
        // A form that comes out of a macro captures no variables: a name that is not listed here, and so not escaped, does not compile.
        $crate::ui::html::Html::of(format_args!(concat!($($form),+) $(, $name = $crate::ui::html::Escaped(&$value))*))
    }};
}

impl Html {
    /// What is written in the program.
    pub const fn literal(html: &'static str) -> Self {
        Self(Cow::Borrowed(html))
    }

    /// What somebody wrote.
    pub fn text(text: &str) -> Self {
        Self(Cow::Owned(escaped(text).into_owned()))
    }

    /// What a view draws, for the few pieces of a row that are rare.
    pub fn drawn(view: impl RenderHtml) -> Self {
        Self(Cow::Owned(view.to_html()))
    }

    /// For [`html!`](crate::html) alone, which escapes what it puts in.
    #[doc(hidden)]
    pub fn of(form: fmt::Arguments<'_>) -> Self {
        Self(Cow::Owned(fmt::format(form)))
    }

    /// The HTML.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As a view of no certain type.
    pub fn into_any(self) -> AnyView {
        self.into_render().into_any()
    }
}

impl IntoRender for Html {
    type Output = InertElement;

    fn into_render(self) -> InertElement {
        InertElement::new(self.0)
    }
}

impl FromIterator<Html> for Html {
    fn from_iter<I: IntoIterator<Item = Self>>(pieces: I) -> Self {
        let mut all = String::new();
        pieces.into_iter().for_each(|piece| all.push_str(&piece.0));
        Self(Cow::Owned(all))
    }
}

/// Right between tags and in double quotes.
fn escaped(text: &str) -> Cow<'_, str> {
    html_escape::encode_double_quoted_attribute(text)
}

/// What can be put into HTML.
pub trait Content {
    /// Writes it, escaped unless it is HTML.
    fn write(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result;
}

impl Content for Html {
    fn write(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0)
    }
}

impl Content for str {
    fn write(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&escaped(self))
    }
}

impl Content for String {
    fn write(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().write(to)
    }
}

impl<T: Content + ?Sized> Content for &T {
    fn write(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).write(to)
    }
}

/// `None` is nothing.
impl<T: Content> Content for Option<T> {
    fn write(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_ref().map_or(Ok(()), |content| content.write(to))
    }
}

/// Content as [`html!`](crate::html) puts it in.
pub struct Escaped<'a, T: ?Sized>(pub &'a T);

impl<T: Content + ?Sized> fmt::Display for Escaped<'_, T> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write(to)
    }
}

/// Where a form is read.
#[derive(Clone, Copy)]
enum Place {
    BetweenTags,
    InTag,
    InQuotes,
}

/// What [`html!`](crate::html) asks of every form while it is compiled.
///
/// # Panics
/// Where a value would stand in a tag outside of double quotes, where escaping does not help, and where a tag or a quote is not closed.
pub const fn check(form: &str) {
    let bytes = form.as_bytes();
    let mut place = Place::BetweenTags;
    let mut at = 0;
    while at < bytes.len() {
        place = match (place, bytes[at]) {
            (Place::BetweenTags, b'<') => Place::InTag,
            (Place::InTag, b'>') => Place::BetweenTags,
            (Place::InTag, b'"') => Place::InQuotes,
            (Place::InQuotes, b'"') => Place::InTag,
            (Place::InTag, b'{' | b'\'') => panic!("in a tag, values stand in double quotes"),
            (Place::InTag, b'<') | (Place::BetweenTags, b'>') => panic!("a tag is not closed"),
            (place, _) => place,
        };
        at += 1;
    }
    assert!(matches!(place, Place::BetweenTags), "a tag or a quote is not closed");
}

#[cfg(test)]
mod tests {
    use super::{Html, check};
    use leptos::prelude::*;
    use proptest::prelude::*;

    fn row(text: &str) -> Html {
        html!(r#"<td title="{title}">{text}</td>"#, title = text, text = text)
    }

    #[test]
    fn what_people_type_is_no_markup() {
        let typed = r#"<script>alert("1 & 2")</script>"#;
        let escaped = "&lt;script&gt;alert(&quot;1 &amp; 2&quot;)&lt;/script&gt;";
        assert_eq!(row(typed).as_str(), format!(r#"<td title="{escaped}">{escaped}</td>"#));
        assert_eq!(
            row("강지우 O'Neil").as_str(),
            r#"<td title="강지우 O'Neil">강지우 O'Neil</td>"#
        );
    }

    #[test]
    fn html_is_put_in_as_it_is_and_once() {
        let cell = html!("<td>{name}</td>", name = "<b>");
        let both: Html = [cell.clone(), cell].into_iter().collect();
        let nothing = None::<Html>;
        let row = html!("<tr>{both}{nothing}</tr>", both = both, nothing = nothing);
        assert_eq!(row.as_str(), "<tr><td>&lt;b&gt;</td><td>&lt;b&gt;</td></tr>");
        let table = view! { <table>{row.clone()}</table> }.to_html();
        assert!(table.starts_with(&format!("<table>{}", row.as_str())), "{table}");
    }

    #[test]
    fn a_value_in_a_tag_stands_in_double_quotes() {
        for sound in [
            "",
            "text {a}",
            r#"<a href="{a}" class="b">{c}</a>"#,
            r#"<input checked title="'>">"#,
        ] {
            check(sound);
        }
        for wrong in [
            "<a {b}>",
            "<a href={b}>",
            "<a href='{b}'>",
            "<{a}>",
            r#"<a href="b>"#,
            "<a",
            "<a<b>",
            "a > b",
        ] {
            assert!(std::panic::catch_unwind(|| check(wrong)).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn every_text_is_read_as_it_was_written(text in r#"[\PC<>&"'\n;#]{0,40}"#) {
            let html = row(&text);
            let inner = html.as_str().strip_prefix(r#"<td title=""#).and_then(|rest| rest.strip_suffix("</td>")).unwrap();
            let (title, shown) = inner.split_once(r#"">"#).unwrap();
            for escaped in [title, shown, Html::text(&text).as_str()] {
                prop_assert!(!escaped.contains(['<', '>', '"']));
                prop_assert_eq!(html_escape::decode_html_entities(escaped), text.as_str());
            }
        }
    }
}

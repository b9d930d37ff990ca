//! The content of a `<textarea>`.

/// Text as the child of a `<textarea>`. On the server leptos writes such a child as it is, and what somebody typed could end
/// the element and go on with markup of its own; in the browser it is text and nothing else.
pub fn content(text: String) -> String {
    if cfg!(feature = "ssr") {
        text.replace('&', "&amp;").replace('<', "&lt;")
    } else {
        text
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::content;
    use leptos::prelude::*;

    #[test]
    fn what_was_typed_does_not_end_the_element() {
        let typed = "</textarea><script>alert(1)</script>&lt;".to_owned();
        let html = view! { <textarea>{content(typed)}</textarea> }.to_html();
        assert_eq!(html.matches('<').count(), 2, "{html}");
        assert!(html.contains("&lt;/textarea>") && html.contains("&amp;lt;"), "{html}");
    }
}

//! What a page puts into its head while it is drawn: the window title, and files that the browser should fetch early.

use crate::html;
use crate::ui::html::Html;
use leptos::prelude::*;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Where it goes, in the head of the document.
pub const PLACE: Html = Html::literal(MARK);
const MARK: &str = "<!--head-->";

/// The head of the page being drawn. Put into the context by what draws it.
#[derive(Clone, Default)]
pub struct Head(Arc<Mutex<Written>>);

#[derive(Default)]
struct Written {
    title: String,
    links: Vec<Html>,
}

/// Gives the page its window title; the last one counts.
pub fn set_title(title: String) {
    if let Some(Head(head)) = use_context() {
        lock(&head).title = title;
    }
}

/// Adds a link to the head.
pub fn add(link: Html) {
    if let Some(Head(head)) = use_context() {
        lock(&head).links.push(link);
    }
}

fn lock(head: &Mutex<Written>) -> MutexGuard<'_, Written> {
    head.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Head {
    /// The document with its head.
    pub fn put_into(&self, document: &str) -> String {
        let mut head = lock(&self.0);
        let links: Html = std::mem::take(&mut head.links).into_iter().collect();
        let title = html!("<title>{title}</title>", title = head.title);
        document.replacen(MARK, &[links.as_str(), title.as_str()].concat(), 1)
    }
}

#[cfg(test)]
mod tests {
    use super::{Head, PLACE, add, set_title};
    use crate::html;
    use leptos::prelude::*;

    #[test]
    fn a_page_has_the_last_title_and_every_link() {
        let head = Head::default();
        Owner::new_root(None).with(|| {
            provide_context(head.clone());
            set_title("Error".to_owned());
            add(html!(r#"<link href="{href}">"#, href = "/a?b&c"));
            set_title("Kim </title> & Lee".to_owned());
        });
        let document = html!("<head>{place}</head><p>{text}</p>", place = PLACE, text = "<!--head-->");
        let expected = "<head><link href=\"/a?b&amp;c\"><title>Kim &lt;/title&gt; &amp; Lee</title></head><p>&lt;!--head--&gt;</p>";
        assert_eq!(head.put_into(document.as_str()), expected);
    }

    #[test]
    fn without_a_page_nothing_is_written() {
        set_title("Nobody reads it".to_owned());
        assert_eq!(Head::default().put_into(PLACE.as_str()), "<title></title>");
    }
}

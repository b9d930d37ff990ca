//! The guard half: its messages, its grades, its grants, its device, as sentences.

mod grades;
mod grants;
mod replies;
mod requests;

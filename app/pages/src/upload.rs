//! Files that are sent to a page: the one kind of form that calls no server function, because their arguments are texts.

use axum::extract::Multipart;
use axum::extract::multipart::{Field, MultipartRejection};
use domain::error::{Problem, Refusal};

/// The field with the file. What is wrong with the file as a whole rather than with a column of it is said of this field.
pub const FILE: &str = "file";
/// So much of a file that is too large is still read, because a browser that is cut off shows no answer.
const READ_BYTES: usize = 64 * 1024 * 1024;

/// A file that was sent.
#[derive(Debug)]
pub struct Sent {
    /// Its name on the sender's device; empty where the browser sent none.
    pub name: String,
    /// What is in it.
    pub content: Vec<u8>,
}

/// The form's file, up to a limit in bytes.
///
/// # Errors
/// Where there is none, where it is too large, and where the form cannot be read.
pub async fn file(form: Result<Multipart, MultipartRejection>, max_bytes: usize) -> Result<Sent, Refusal> {
    let mut form = form.map_err(|error| Refusal::malformed(error.body_text()))?;
    let mut file = Sent {
        name: String::new(),
        content: Vec::new(),
    };
    while let Some(field) = form
        .next_field()
        .await
        .map_err(|error| Refusal::malformed(error.body_text()))?
    {
        if field.name() == Some(FILE) {
            file.name = field.file_name().unwrap_or_default().to_owned();
            file.content = read(field, max_bytes).await?;
        }
    }
    if file.content.is_empty() {
        return Err(Refusal::field(FILE, Problem::Required));
    }
    Ok(file)
}

async fn read(mut field: Field<'_>, max_bytes: usize) -> Result<Vec<u8>, Refusal> {
    let (mut content, mut length) = (Vec::new(), 0);
    while length <= READ_BYTES
        && let Some(chunk) = field
            .chunk()
            .await
            .map_err(|error| Refusal::malformed(error.body_text()))?
    {
        length += chunk.len();
        if length <= max_bytes {
            content.extend_from_slice(&chunk);
        }
    }
    if length > max_bytes {
        return Err(Refusal::TooLarge {
            max_bytes: max_bytes as u64,
        });
    }
    Ok(content)
}

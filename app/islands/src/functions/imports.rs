//! Files that an operator imports: looked at, imported in steps, forgotten.

use crate::call::Call;
use crate::refused::Refused;
use domain::imports::UploadId;
use domain::locker::orders::ReadySoFar;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
pub use reads::{BYTES_MAX, Looked, keep, kept, look, refused_rows};

/// Imports a file that was sent before. `again`: from its first row, read in this `encoding`; otherwise, and with the `cursor` of an earlier answer,
/// from where it stood. `brief`: a script shows how far it is, so the answer comes soon and says where to go on. Leads `back` to the file otherwise.
#[server(prefix = "/do/operator", endpoint = "run-import", protocol = Call)]
pub async fn run_import(
    upload_id: UploadId,
    encoding: Option<String>,
    again: bool,
    cursor: Option<String>,
    brief: bool,
    back: Option<String>,
) -> Result<ReadySoFar, Refused> {
    use crate::act::go_to;
    use crate::addresses::at;
    use crate::context;
    use backend::{ImportBounds, ImportGo, imports};
    use domain::people::Role;

    /// What a script waits for, which then shows how far it is, and what a person does.
    const BRIEF: ImportBounds = ImportBounds {
        rows: 10_000,
        ms: 1_500,
    };
    const LONG: ImportBounds = ImportBounds {
        rows: 50_000,
        ms: 8_000,
    };
    let request = context::request();
    let who = request.require(Role::Operator)?;
    let go = if again && cursor.is_none() {
        ImportGo::FromTheStart(encoding)
    } else {
        ImportGo::On
    };
    let bounds = if brief { BRIEF } else { LONG };
    let upload = imports::go_on(&request.backend, who, &upload_id, go, bounds).await?;
    if !brief {
        go_to(&back.unwrap_or_else(|| at::operator_upload(&upload_id)));
    }
    Ok(ReadySoFar {
        made: upload.done,
        left: 0,
        next: upload.is_unfinished().then(|| upload.done.to_string()),
    })
}

/// Forgets a file. What was imported of it stays. Leads back to where files are sent.
#[server(prefix = "/do/operator", endpoint = "discard-upload", protocol = Call)]
pub async fn discard_upload(upload_id: UploadId) -> Result<(), Refused> {
    use crate::act::go_to;
    use crate::addresses::at;
    use crate::context;
    use crate::notice::with_notice;
    use backend::uploads;
    use domain::imports::ImportKind;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Operator)?;
    let upload = uploads::get(&request.backend, who, &upload_id).await?;
    uploads::discard(&request.backend, who, &upload_id).await?;
    let page = match upload.kind {
        ImportKind::Orders => at::operator_import(),
        ImportKind::Guards => at::operator_import_guards(),
    };
    go_to(&with_notice(&page, "upload-discarded"));
    Ok(())
}

#[cfg(feature = "ssr")]
mod reads {
    use crate::context::RequestContext;
    use crate::functions::asker;
    use backend::locker::orders::import;
    use backend::{Lines, imports, uploads};
    use domain::error::{Problem, Refusal};
    use domain::imports::{ImportKind, Upload, UploadId};
    use domain::locker::orders::{ImportReport, RowError};
    use domain::people::Role;

    /// Largest file, in bytes.
    pub const BYTES_MAX: usize = import::BYTES_MAX;

    /// A kept file as its page shows it.
    pub struct Looked {
        /// The file.
        pub upload: Upload,
        /// What would happen to each row now; `None`: it may be Korean or Chinese, and a person has to choose.
        pub report: Option<ImportReport>,
    }

    /// Keeps a file that can be read.
    pub async fn keep(
        request: &RequestContext,
        kind: ImportKind,
        name: &str,
        file: &[u8],
    ) -> Result<UploadId, Refusal> {
        let (backend, who) = (&request.backend, request.require(Role::Operator)?);
        imports::keep(backend, who, kind, name, file).await
    }

    /// The reader's files of this kind, the newest first.
    pub async fn kept(kind: ImportKind) -> Result<Vec<Upload>, Refusal> {
        let (backend, who) = asker()?;
        let mut all = uploads::list(&backend, &who).await?;
        all.retain(|upload| upload.kind == kind);
        Ok(all)
    }

    /// A file, and what would become of its rows, read in this encoding or in the one it was imported in.
    pub async fn look(id: &UploadId, encoding: Option<&str>) -> Result<Looked, Refusal> {
        let (backend, who) = asker()?;
        let upload = uploads::get(&backend, &who, id).await?;
        match imports::look(&backend, &who, id, encoding).await {
            Ok(report) => Ok(Looked {
                upload,
                report: Some(report),
            }),
            Err(Refusal::Field {
                problem: Problem::Encoding,
                ..
            }) => Ok(Looked { upload, report: None }),
            Err(refusal) => Err(refusal),
        }
    }

    /// The refused rows of a file, as they stand in it, with why.
    pub async fn refused_rows(
        request: &RequestContext,
        id: &UploadId,
        encoding: Option<&str>,
    ) -> Result<(Lines, Vec<RowError>), Refusal> {
        let (backend, who) = (&request.backend, request.require(Role::Operator)?);
        imports::refused(backend, who, id, encoding).await
    }
}

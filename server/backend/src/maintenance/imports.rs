//! Files of rows that an operator sends: kept, looked at, and imported in steps. What the rows are is known by each file.

use crate::core::sheet::Lines;
use crate::guard::inventory::Devices;
use crate::identity::importing::{self, Bounds, Go};
use crate::identity::uploads;
use crate::locker::orders::import::Orders;
use crate::{Backend, Result};
use domain::imports::{ImportKind, Upload, UploadId};
use domain::locker::orders::{ImportReport, RowError};
use domain::people::Person;

/// Operators: keeps a file of this kind of rows, to be looked at and imported in steps.
#[crate::boxed]
pub async fn keep(b: &Backend, who: &Person, kind: ImportKind, name: &str, bytes: &[u8]) -> Result<UploadId> {
    match kind {
        ImportKind::Orders => importing::keep::<_, Orders>(b, who, name, bytes).await,
        ImportKind::Guards => importing::keep::<_, Devices>(b, who, name, bytes).await,
    }
}

/// Operators: what would happen to each row of a kept file, read in this encoding.
#[crate::boxed]
pub async fn look(b: &Backend, who: &Person, id: &UploadId, encoding: Option<&str>) -> Result<ImportReport> {
    match uploads::get(b, who, id).await?.kind {
        ImportKind::Orders => importing::look::<_, Orders>(b, who, id, encoding).await,
        ImportKind::Guards => importing::look::<_, Devices>(b, who, id, encoding).await,
    }
}

/// Operators: the rows of a kept file that are refused, as they stand in it, with why. There are keys of devices among them.
#[crate::boxed]
pub async fn refused(
    b: &Backend,
    who: &Person,
    id: &UploadId,
    encoding: Option<&str>,
) -> Result<(Lines, Vec<RowError>)> {
    match uploads::get(b, who, id).await?.kind {
        ImportKind::Orders => importing::refused::<_, Orders>(b, who, id, encoding).await,
        ImportKind::Guards => importing::refused::<_, Devices>(b, who, id, encoding).await,
    }
}

/// Operators: continues with a kept file within these bounds.
#[crate::boxed]
pub async fn go_on(b: &Backend, who: &Person, id: &UploadId, go: Go, bounds: Bounds) -> Result<Upload> {
    match uploads::get(b, who, id).await?.kind {
        ImportKind::Orders => importing::go_on::<_, Orders>(b, who, id, go, bounds).await,
        ImportKind::Guards => importing::go_on::<_, Devices>(b, who, id, go, bounds).await,
    }
}

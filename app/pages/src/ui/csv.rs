//! Lists as files for a spreadsheet.

use axum::response::{Html, IntoResponse, Response};
use domain::error::Refusal;
use domain::ids::Millis;
use http::StatusCode;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use islands::context::RequestContext;
use islands::words::bare_page;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Rows of one file; narrower filters bring the rest.
pub const MOST_ROWS: usize = 50_000;
/// Rows that are read at once.
pub const ROWS_AT_ONCE: u32 = 200;

/// A file being written.
pub struct Sheet(csv::Writer<Vec<u8>>);

impl Sheet {
    /// With these heads of columns.
    pub fn new<'h>(head: impl IntoIterator<Item = &'h str>) -> Result<Self, Refusal> {
        // The mark in front tells Excel that this is UTF-8.
        let writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(b"\xef\xbb\xbf".to_vec());
        let mut sheet = Self(writer);
        sheet.add(head.into_iter().map(str::to_owned))?;
        Ok(sheet)
    }

    /// One more row.
    pub fn add(&mut self, cells: impl IntoIterator<Item = String>) -> Result<(), Refusal> {
        // Into memory, which does not fail.
        let cells = cells.into_iter().map(tame);
        self.0.write_record(cells).map_err(|_| Refusal::Internal)
    }

    /// Its bytes.
    pub fn bytes(self) -> Result<Vec<u8>, Refusal> {
        self.0.into_inner().map_err(|_| Refusal::Internal)
    }
}

/// The pages of a list, one after the other, until it ends or has as many rows as a file takes.
#[derive(Default)]
pub struct Pages {
    cursor: Option<String>,
    rows: usize,
    is_over: bool,
}

impl Pages {
    /// Is there another page to read?
    pub fn has_more(&self) -> bool {
        !self.is_over
    }

    /// Where that page begins.
    pub fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    /// It was read: it has this number of rows, and the next one begins there.
    pub fn read(&mut self, rows: usize, next: Option<String>) {
        self.rows += rows;
        self.is_over = next.is_none() || self.rows >= MOST_ROWS;
        self.cursor = next;
    }
}

/// For [`time`]: where a minute is exact enough.
pub const MINUTES: &str = "%Y-%m-%d %H:%M";
/// For [`time`]: where several things happen in a minute.
pub const SECONDS: &str = "%Y-%m-%d %H:%M:%S";

/// A time as a spreadsheet reads it.
pub fn time(at: Option<Millis>, zone: &TimeZone, precision: &str) -> String {
    let at = at.and_then(|at| Timestamp::from_millisecond(at.0).ok());
    at.map(|at| at.to_zoned(zone.clone()).strftime(precision).to_string())
        .unwrap_or_default()
}

/// A spreadsheet would take a cell that begins so for a formula.
fn tame(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell
    }
}

/// Rows of somebody's own file, for the same person: nothing in them is changed, so that the file can be sent again.
pub struct Copy(csv::Writer<Vec<u8>>);

impl Copy {
    /// With these heads of columns.
    pub fn new(head: Vec<String>) -> Result<Self, Refusal> {
        let writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(b"\xef\xbb\xbf".to_vec());
        let mut copy = Self(writer);
        copy.add(head)?;
        Ok(copy)
    }

    /// One more row, of as many cells.
    pub fn add(&mut self, cells: Vec<String>) -> Result<(), Refusal> {
        self.0.write_record(cells).map_err(|_| Refusal::Internal)
    }

    /// Its bytes.
    pub fn bytes(self) -> Result<Vec<u8>, Refusal> {
        self.0.into_inner().map_err(|_| Refusal::Internal)
    }
}

/// The refused rows of a file as they stand in it, with their lines and why.
pub fn refused_rows(
    mut head: Vec<String>,
    rows: impl IntoIterator<Item = (u64, Vec<String>)>,
    why: impl Fn(u64) -> String,
) -> Result<Vec<u8>, Refusal> {
    let width = head.len();
    head.extend(["#line".to_owned(), "#why".to_owned()]);
    let mut sheet = Copy::new(head)?;
    for (line, mut cells) in rows {
        cells.resize(width.max(cells.len()), String::new());
        // What stands beside the header would push the remarks aside.
        cells.truncate(width);
        cells.extend([line.to_string(), why(line)]);
        sheet.add(cells)?;
    }
    sheet.bytes()
}

/// The file under this name, or a page that says why there is none.
pub fn answer(context: &RequestContext, name: &str, file: Result<Vec<u8>, Refusal>) -> Response {
    match file {
        Ok(bytes) => {
            let headers = [
                (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
                (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.csv\"")),
            ];
            (headers, bytes).into_response()
        }
        Err(refusal) => {
            let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, Html(bare_page(context.locale, &refusal, &context.request_id))).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_formula_and_stays_in_its_cell() {
        let mut sheet = Sheet::new(["a", "b"]).unwrap();
        sheet.add(["=1+1".to_owned(), "a\"b,\nc".to_owned()]).unwrap();
        let text = String::from_utf8(sheet.bytes().unwrap()).unwrap();
        assert_eq!(text, "\u{feff}a,b\r\n'=1+1,\"a\"\"b,\nc\"\r\n");
    }

    #[test]
    fn pages_end_with_the_list_or_with_the_rows_of_a_file() {
        let mut pages = Pages::default();
        assert_eq!((pages.has_more(), pages.cursor()), (true, None));
        pages.read(2, Some("c".to_owned()));
        assert_eq!((pages.has_more(), pages.cursor()), (true, Some("c")));
        pages.read(0, None);
        assert!(!pages.has_more());
        let mut pages = Pages::default();
        pages.read(MOST_ROWS, Some("c".to_owned()));
        assert!(!pages.has_more());
    }
}

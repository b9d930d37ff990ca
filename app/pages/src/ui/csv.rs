//! Lists as files for a spreadsheet.

use axum::response::{Html, IntoResponse, Response};
use domain::error::Refusal;
use domain::ids::Millis;
use domain::locker::orders::Page;
use domain::search::Hits;
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

/// A file being written, row by row.
pub struct Sheet(csv::Writer<Vec<u8>>);

impl Sheet {
    /// With these heads of columns.
    pub fn new<'h>(head: impl IntoIterator<Item = &'h str>) -> Result<Self, Refusal> {
        let mut sheet = Self::empty();
        sheet.add(head.into_iter().map(str::to_owned))?;
        Ok(sheet)
    }

    fn empty() -> Self {
        // The mark in front tells Excel that this is UTF-8.
        let writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(b"\xef\xbb\xbf".to_vec());
        Self(writer)
    }

    /// Adds a row.
    pub fn add(&mut self, cells: impl IntoIterator<Item = String>) -> Result<(), Refusal> {
        self.add_unchanged(cells.into_iter().map(tame))
    }

    /// Adds a row of a person's own file for the same person: nothing in it is changed, so that the file can be sent again.
    fn add_unchanged(&mut self, cells: impl IntoIterator<Item = String>) -> Result<(), Refusal> {
        // Into memory, which does not fail.
        self.0.write_record(cells).map_err(|_| Refusal::Internal)
    }

    /// Adds the rows of the page that was asked for at the cursor of `pages`.
    pub fn add_page<P: ListPage, C: IntoIterator<Item = String>>(
        &mut self,
        pages: &mut Pages,
        page: P,
        cells: impl Fn(P::Row) -> C,
    ) -> Result<(), Refusal> {
        let (rows, next) = page.into_parts();
        pages.rows += rows.len();
        pages.is_over = next.is_none() || pages.rows >= MOST_ROWS;
        pages.cursor = next;
        for row in rows {
            self.add(cells(row))?;
        }
        Ok(())
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
}

/// A page of a list.
pub trait ListPage {
    /// What it lists.
    type Row;

    /// Its rows, and where the next page begins, if there is one.
    fn into_parts(self) -> (impl ExactSizeIterator<Item = Self::Row>, Option<String>);
}

impl<T> ListPage for Page<T> {
    type Row = T;

    fn into_parts(self) -> (impl ExactSizeIterator<Item = T>, Option<String>) {
        (self.rows.into_iter(), self.next)
    }
}

impl<T> ListPage for Hits<T> {
    type Row = T;

    fn into_parts(self) -> (impl ExactSizeIterator<Item = T>, Option<String>) {
        (self.rows.into_iter().map(|hit| hit.of), self.next)
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

/// The refused rows of a file as they stand in it, with their lines and why.
pub fn refused_rows(
    mut head: Vec<String>,
    rows: impl IntoIterator<Item = (u64, Vec<String>)>,
    why: impl Fn(u64) -> String,
) -> Result<Vec<u8>, Refusal> {
    let width = head.len();
    head.extend(["#line".to_owned(), "#why".to_owned()]);
    let mut sheet = Sheet::empty();
    sheet.add_unchanged(head)?;
    for (line, mut cells) in rows {
        cells.resize(width.max(cells.len()), String::new());
        // What stands beside the header would push the remarks aside.
        cells.truncate(width);
        cells.extend([line.to_string(), why(line)]);
        sheet.add_unchanged(cells)?;
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

    /// The file of a list with this number of rows a page, on pages without end or on this number of them; and at which cursors it was read.
    fn listed(rows: usize, count: Option<usize>) -> (String, Vec<Option<String>>) {
        let mut read = Vec::new();
        let mut sheet = Sheet::new(["a"]).unwrap();
        let mut pages = Pages::default();
        while pages.has_more() {
            read.push(pages.cursor().map(str::to_owned));
            let page = Page {
                rows: vec!["x"; rows],
                next: (Some(read.len()) != count).then(|| read.len().to_string()),
            };
            sheet.add_page(&mut pages, page, |row| [row.to_owned()]).unwrap();
        }
        (String::from_utf8(sheet.bytes().unwrap()).unwrap(), read)
    }

    #[test]
    fn a_file_holds_all_pages_of_a_list() {
        let (file, read) = listed(2, Some(3));
        assert_eq!(file, format!("\u{feff}a\r\n{}", "x\r\n".repeat(6)));
        assert_eq!(read, [None, Some("1".to_owned()), Some("2".to_owned())]);
    }

    #[test]
    fn a_file_ends_with_the_page_that_fills_it() {
        let (_, read) = listed(MOST_ROWS - 1, None);
        assert_eq!(read.len(), 2);
    }

    #[test]
    fn a_page_without_rows_does_not_end_a_list() {
        let (_, read) = listed(0, Some(3));
        assert_eq!(read.len(), 3);
    }
}

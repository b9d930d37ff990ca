//! Tables as spreadsheets export them: CSV with a header, in the encodings and with the habits of spreadsheet programs. What people see as a
//! row is one here too, so that line numbers are those a spreadsheet shows.

mod encoding;
mod records;

pub use encoding::FileEncoding;

use crate::Result;
use domain::error::{Problem, Refusal};
use domain::locker::orders::{ImportReport, RowError, SampleRow};
use records::{Record, Records};
use std::collections::BTreeSet;

/// Largest file, in bytes.
pub(crate) const BYTES_MAX: usize = 10 * 1024 * 1024;
/// Most rows of a file.
pub(crate) const ROWS_MAX: u32 = 50_000;
/// Rows of a sample: the first ones of the file, and the first with letters that an encoding may have spoilt.
const FIRST: usize = 5;
const FOREIGN: usize = 3;
/// Columns whose names begin with this are not read: this program adds them to a file of refused rows.
pub(crate) const REMARK: char = '#';

/// How to read a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// What it is written in; found out unless given.
    pub encoding: Option<FileEncoding>,
    /// Says what would become of each row, and changes nothing.
    pub dry_run: bool,
}

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    /// A table without it is refused.
    pub(crate) required: bool,
    /// A number or key, which a spreadsheet may have taken for an amount and shortened.
    pub(crate) key: bool,
    /// Part of what is shown of a row.
    pub(crate) shown: bool,
}

/// A row: its cells in the order of the columns asked for, empty where the file has none.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row<const N: usize> {
    /// Its number as a spreadsheet shows it.
    pub(crate) line: u64,
    pub(crate) cells: [String; N],
}

/// Reads a whole file. `words` are texts that are probably in it, such as names of businesses; they help to find its encoding. The rows that
/// make no sense go into the report.
pub(crate) fn read<const N: usize>(
    bytes: &[u8],
    options: ImportOptions,
    words: &[String],
    columns: &[Column; N],
) -> Result<(Vec<Row<N>>, ImportReport)> {
    if bytes.len() > BYTES_MAX {
        return Err(Refusal::TooLarge {
            max_bytes: BYTES_MAX as u64,
        });
    }
    let (text, encoding) = encoding::decode(bytes, options.encoding, words)?;
    let mut report = ImportReport {
        encoding: encoding.to_owned(),
        ..ImportReport::default()
    };
    let rows = table(&text, columns, &mut report.errors)?;
    report.rows = u32::try_from(rows.len() + report.errors.len()).unwrap_or(u32::MAX);
    let shown = columns.iter().filter(|column| column.shown);
    report.columns = shown.map(|column| column.name.to_owned()).collect();
    report.sample = sample(&rows, columns);
    Ok((rows, report))
}

/// Some lines of a file as they stand in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// The names of the file's columns, without those that are only remarks.
    pub header: Vec<String>,
    /// Each with its number as a spreadsheet shows it, and its cells under the header.
    pub rows: Vec<(u64, Vec<String>)>,
}

/// The header, and the lines with these numbers.
pub(crate) fn lines(bytes: &[u8], options: ImportOptions, words: &[String], wanted: &BTreeSet<u64>) -> Result<Lines> {
    let (text, _) = encoding::decode(bytes, options.encoding, words)?;
    let mut records = Records::of(&text);
    let header = records.next_filled()?.map(|record| record.cells).unwrap_or_default();
    let is_remark: Vec<bool> = header.iter().map(|name| name.starts_with(REMARK)).collect();
    let without_remarks = |cells: Vec<String>| -> Vec<String> {
        let cells = cells.into_iter().enumerate();
        let kept = cells.filter(|(place, _)| !is_remark.get(*place).copied().unwrap_or(false));
        kept.map(|(_, cell)| cell).collect()
    };
    let mut lines = Lines {
        header: without_remarks(header.clone()),
        rows: Vec::new(),
    };
    while let Some(Record { line, cells, .. }) = records.next_filled()? {
        if wanted.contains(&line) {
            lines.rows.push((line, without_remarks(cells)));
        }
    }
    Ok(lines)
}

/// Whether the file is in an encoding that `words` help to find.
pub(crate) fn needs_words(bytes: &[u8], options: ImportOptions) -> bool {
    options.encoding.is_none() && std::str::from_utf8(bytes).is_err() && bytes.len() <= BYTES_MAX
}

/// The first rows, and the first with anything but ASCII in them: those show whether the encoding is right.
fn sample<const N: usize>(rows: &[Row<N>], columns: &[Column; N]) -> Vec<SampleRow> {
    let shown = |row: &Row<N>| {
        let cells = row.cells.iter().zip(columns).filter(|(_, column)| column.shown);
        SampleRow {
            line: row.line,
            cells: cells.map(|(cell, _)| cell.clone()).collect(),
        }
    };
    let is_foreign = |row: &SampleRow| row.cells.iter().any(|cell| !cell.is_ascii());
    let mut sample: Vec<SampleRow> = rows.iter().take(FIRST).map(shown).collect();
    let have = sample.iter().filter(|row| is_foreign(row)).count();
    let others = rows.iter().skip(FIRST).map(shown).filter(|row| is_foreign(row));
    sample.extend(others.take(FOREIGN.saturating_sub(have)));
    sample
}

fn table<const N: usize>(text: &str, columns: &[Column; N], errors: &mut Vec<RowError>) -> Result<Vec<Row<N>>> {
    let mut records = Records::of(text);
    let header = records.next_filled()?.map(|record| record.cells).unwrap_or_default();
    let places = places(header, columns)?;
    let mut rows = Vec::new();
    let mut count = 0;
    while let Some(Record { line, cells, unclosed }) = records.next_filled()? {
        count += 1;
        if count > ROWS_MAX {
            return Err(Refusal::field("file", Problem::TooLong { max: ROWS_MAX }));
        }
        if unclosed {
            errors.push(RowError::new(line, Refusal::field("row", Problem::Quotes)));
            continue;
        }
        match arrange(cells, &places, columns) {
            Ok(cells) => rows.push(Row { line, cells }),
            Err(wrong) => errors.push(RowError {
                line,
                refusal: wrong.refusal,
                value: wrong.value,
            }),
        }
    }
    Ok(rows)
}

/// What a column of the file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// The one at this place among those asked for.
    Of(usize),
    /// It has no name, and should have no cells.
    Unnamed,
    /// What stands in it is not read.
    Remark,
}

/// What each column of the file is.
fn places<const N: usize>(mut header: Vec<String>, columns: &[Column; N]) -> Result<Vec<Place>> {
    while header.last().is_some_and(String::is_empty) {
        header.pop();
    }
    let mut places = Vec::with_capacity(header.len());
    for name in &header {
        let known = columns.iter().position(|column| column.name.eq_ignore_ascii_case(name));
        let place = match known {
            Some(place) => Place::Of(place),
            None if name.is_empty() => Place::Unnamed,
            None if name.starts_with(REMARK) => Place::Remark,
            None => {
                let name: String = name.chars().take(64).collect();
                return Err(Refusal::field(&name, Problem::Unknown));
            }
        };
        if known.is_some() && places.contains(&place) {
            return Err(Refusal::field(name, Problem::Taken));
        }
        places.push(place);
    }
    let missing = (0..)
        .zip(columns)
        .find(|(place, column)| column.required && !places.contains(&Place::Of(*place)));
    match missing {
        Some((_, column)) => Err(Refusal::field(column.name, Problem::Required)),
        None => Ok(places),
    }
}

/// Why a record is no row, and the value that is the reason.
struct Wrong {
    refusal: Refusal,
    value: Option<String>,
}

/// The cells of a record in the order of the columns asked for.
fn arrange<const N: usize>(
    cells: Vec<String>,
    places: &[Place],
    columns: &[Column; N],
) -> std::result::Result<[String; N], Wrong> {
    let (found, expected) = (cells.len(), places.len());
    let mut row = [const { String::new() }; N];
    for (index, cell) in cells.into_iter().enumerate() {
        let target = match places.get(index) {
            Some(Place::Remark) => continue,
            Some(Place::Of(place)) => row.get_mut(*place).zip(columns.get(*place)),
            Some(Place::Unnamed) | None => None,
        };
        match target {
            Some((target, column)) => {
                if column.key && is_shortened(&cell) || is_error(&cell) {
                    return Err(Wrong {
                        refusal: Refusal::field(column.name, Problem::Spreadsheet),
                        value: column.shown.then_some(cell),
                    });
                }
                *target = cell;
            }
            None if cell.is_empty() => {}
            None => {
                let detail = format!("{found} cells where the header has {expected}");
                return Err(Wrong {
                    refusal: Refusal::malformed(detail),
                    value: None,
                });
            }
        }
    }
    Ok(row)
}

/// `2.02501E+15`, `1E+10`, `2,5E+12`: a long number as a spreadsheet shows it, of which the last digits are lost.
fn is_shortened(cell: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let Some((mantissa, exponent)) = cell.split_once(['E', 'e']) else {
        return false;
    };
    let mantissa_fits = match mantissa.split_once(['.', ',']) {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(mantissa),
    };
    mantissa_fits && exponent.strip_prefix('+').is_some_and(digits)
}

/// What a spreadsheet shows instead of a value: `#N/A`, or `####` where the column was too narrow.
fn is_error(cell: &str) -> bool {
    const ERRORS: [&str; 7] = ["#N/A", "#NAME?", "#REF!", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!"];
    ERRORS.contains(&cell) || cell.len() > 1 && cell.bytes().all(|byte| byte == b'#')
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 3] = [
        Column {
            name: "id",
            required: true,
            key: true,
            shown: true,
        },
        Column {
            name: "name",
            required: true,
            key: false,
            shown: true,
        },
        Column {
            name: "status",
            required: false,
            key: false,
            shown: false,
        },
    ];

    type Read = (Vec<(u64, [String; 3])>, Vec<(u64, Refusal)>);

    fn read_all(text: &str) -> Result<Read> {
        let mut errors = Vec::new();
        let rows = table(text, &COLUMNS, &mut errors)?;
        let rows = rows.into_iter().map(|row| (row.line, row.cells)).collect();
        Ok((
            rows,
            errors.into_iter().map(|error| (error.line, error.refusal)).collect(),
        ))
    }

    fn rows(text: &str) -> Vec<(u64, [String; 3])> {
        let (rows, errors) = read_all(text).unwrap();
        assert_eq!(errors, [], "{text:?}");
        rows
    }

    fn row(line: u64, cells: [&str; 3]) -> (u64, [String; 3]) {
        (line, cells.map(str::to_owned))
    }

    #[test]
    fn line_numbers_are_those_a_spreadsheet_shows() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["id,name", "1,a", "", "2,b", ",", "", "", "3,\"c\nd\"", "4,e", ""].join(end);
            let expected = [
                row(2, ["1", "a", ""]),
                row(4, ["2", "b", ""]),
                row(8, ["3", "c d", ""]),
                row(9, ["4", "e", ""]),
            ];
            assert_eq!(rows(&text), expected, "{end:?}");
        }
        let (_, errors) = read_all("id,name\r\n1,a\r\n2,b,,x\r\n3,c\r\n4,d,,y\r\n").unwrap();
        assert_eq!(errors.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [3, 5]);
    }

    #[test]
    fn empty_rows_before_the_header_are_counted() {
        assert_eq!(rows("\r\n;;\r\nid;name\r\n1;a\r\n"), [row(4, ["1", "a", ""])]);
        assert_eq!(rows("\n\nid,name\n1,a"), [row(4, ["1", "a", ""])]);
    }

    #[test]
    fn the_line_that_names_the_separator_is_no_row() {
        for first in ["sep=;\r\n", "SEP=;\n", "\"sep=;\"\r\n", "sep=; \r"] {
            assert_eq!(
                rows(&format!("{first}id;name\n1;a,b\n")),
                [row(2, ["1", "a,b", ""])],
                "{first:?}"
            );
        }
        assert_eq!(rows("sep=|\nid|name\n1|a;b\n"), [row(2, ["1", "a;b", ""])]);
        assert_eq!(rows("sep=\t\r\nid\tname\r\n1\ta,b\r\n"), [row(2, ["1", "a,b", ""])]);
    }

    #[test]
    fn columns_and_cells_that_are_empty_change_nothing() {
        let expected = [row(2, ["1", "a", ""]), row(4, ["2", "b", "B"]), row(5, ["3", "", ""])];
        assert_eq!(rows("id,name,status,,\n1,a,,,\n,,,,\n2,b,B,,\n3\n"), expected);
        assert_eq!(rows("id,,name\n1,,a\n"), [row(2, ["1", "a", ""])]);
        let (_, errors) = read_all("id,,name\n1,x,a\n").unwrap();
        assert!(matches!(errors[..], [(2, Refusal::Malformed { .. })]));
        let (_, errors) = read_all("id,name,,\n1,a,,x\n").unwrap();
        assert!(matches!(errors[..], [(2, Refusal::Malformed { .. })]));
    }

    #[test]
    fn a_number_that_a_spreadsheet_shortened_is_refused() {
        let spoilt = Refusal::field("id", Problem::Spreadsheet);
        for cell in [
            "2.02501E+15",
            "1E+10",
            "\"2,02501E+15\"",
            "2.5e+012",
            "####",
            "#N/A",
            "#REF!",
        ] {
            assert_eq!(
                read_all(&format!("id,name\n{cell},a\n")).unwrap().1,
                [(2, spoilt.clone())],
                "{cell}"
            );
        }
        for cell in [
            "1E10",
            "E+10",
            "A1E+10",
            "1E+",
            "12.5",
            "1.E+5",
            "#1",
            "#",
            "202501000000001",
        ] {
            assert_eq!(rows(&format!("id,name\n{cell},a\n"))[0].1[0], cell);
        }
        // A name is no number; that a formula failed shows everywhere.
        assert_eq!(rows("id,name\n1,2E+10\n")[0].1[1], "2E+10");
        let failed = Refusal::field("name", Problem::Spreadsheet);
        assert_eq!(read_all("id,name\n1,#VALUE!\n").unwrap().1, [(2, failed)]);
    }

    #[test]
    fn a_number_that_was_kept_as_text_is_that_text() {
        assert_eq!(
            rows("id,name\n=\"0211\",a\n\"=\"\"0212\"\"\",b\n"),
            [row(2, ["0211", "a", ""]), row(3, ["0212", "b", ""])]
        );
    }

    #[test]
    fn a_quotation_mark_that_is_never_closed_swallows_no_row() {
        let (read, errors) = read_all("id,status,name\n1,A,a\n2,A,\"b\n3,A,c\n").unwrap();
        assert_eq!(read, [row(2, ["1", "a", "A"])]);
        assert_eq!(errors, [(3, Refusal::field("row", Problem::Quotes))]);
        // One inside a cell is only a character.
        assert_eq!(rows("id,name\n1,5\" pipe\n"), [row(2, ["1", "5\" pipe", ""])]);
    }

    #[test]
    fn columns_that_are_missing_doubled_or_unknown_refuse_the_file() {
        for (header, refusal) in [
            ("id", Refusal::field("name", Problem::Required)),
            ("", Refusal::field("id", Problem::Required)),
            ("id,name,ID", Refusal::field("ID", Problem::Taken)),
            ("id,name,nmae", Refusal::field("nmae", Problem::Unknown)),
        ] {
            assert_eq!(read_all(&format!("{header}\n")).unwrap_err(), refusal, "{header}");
        }
    }

    #[test]
    fn a_sample_shows_what_an_encoding_may_have_spoilt_and_no_secret() {
        let file = "id,name,status\n1,a,x\n2,김,secret\n";
        let (_, report) = read(file.as_bytes(), ImportOptions::default(), &[], &COLUMNS).unwrap();
        let sample = |report: &ImportReport| -> Vec<(u64, String)> {
            let rows = report.sample.iter();
            rows.map(|row| (row.line, row.cells.join("|"))).collect()
        };
        assert_eq!(sample(&report), [(2, "1|a".to_owned()), (3, "2|김".to_owned())]);
        assert_eq!((report.columns.join("|").as_str(), report.rows), ("id|name", 2));
        let many = format!("id,name\n{}8,김\n9,이\n", "1,a\n".repeat(6));
        let (_, report) = read(many.as_bytes(), ImportOptions::default(), &[], &COLUMNS).unwrap();
        let shown = sample(&report);
        assert_eq!(shown.len(), 7);
        assert_eq!(shown[5..], [(8, "8|김".to_owned()), (9, "9|이".to_owned())]);
    }

    #[test]
    fn remarks_are_left_out_of_what_is_read() {
        let file = "#line,id,name,#why\n12,1,a,\"wrong, once\"\n13,2,b,\n";
        assert_eq!(rows(file), [row(2, ["1", "a", ""]), row(3, ["2", "b", ""])]);
        let wanted = BTreeSet::from([3]);
        let lines = lines(file.as_bytes(), ImportOptions::default(), &[], &wanted).unwrap();
        assert_eq!(lines.header, ["id", "name"]);
        assert_eq!(lines.rows, [(3, vec!["2".to_owned(), "b".to_owned()])]);
    }
}

//! Tables as spreadsheets export them: CSV with a header, in the encodings and with the habits of spreadsheet programs. What people see as a
//! row is one here too, so that line numbers are those a spreadsheet shows.

mod encoding;

pub use encoding::FileEncoding;

use crate::Result;
use domain::error::{Problem, Refusal};
use domain::locker::orders::{ImportReport, RowError};

/// Largest file, in bytes.
pub(crate) const BYTES_MAX: usize = 10 * 1024 * 1024;
/// Most rows of a file.
pub(crate) const ROWS_MAX: u32 = 50_000;
/// Rows of a sample.
const SAMPLE: usize = 3;
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

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
    report.sample = sample(&rows, columns);
    Ok((rows, report))
}

/// Whether the file is in an encoding that `words` help to find.
pub(crate) fn needs_words(bytes: &[u8], options: ImportOptions) -> bool {
    options.encoding.is_none() && std::str::from_utf8(bytes).is_err() && bytes.len() <= BYTES_MAX
}

/// The first rows with anything but ASCII in them: those show whether the encoding is right.
fn sample<const N: usize>(rows: &[Row<N>], columns: &[Column; N]) -> Vec<String> {
    let shown = |row: &Row<N>| -> Vec<String> {
        let cells = row
            .cells
            .iter()
            .zip(columns)
            .filter(|(cell, column)| column.shown && !cell.is_empty());
        cells.map(|(cell, _)| cell.clone()).collect()
    };
    let foreign = rows
        .iter()
        .map(shown)
        .filter(|cells| cells.iter().any(|cell| !cell.is_ascii()));
    let mut sample: Vec<String> = foreign.take(SAMPLE).map(|cells| cells.join(", ")).collect();
    if sample.is_empty() {
        sample = rows.iter().take(SAMPLE).map(|row| shown(row).join(", ")).collect();
    }
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
        let row = if unclosed {
            Err(Refusal::field("row", Problem::Quotes))
        } else {
            arrange(cells, &places, columns)
        };
        match row {
            Ok(cells) => rows.push(Row { line, cells }),
            Err(refusal) => errors.push(RowError { line, refusal }),
        }
    }
    Ok(rows)
}

/// For each column of the file the one it is among those asked for; `None` where it has no name.
fn places<const N: usize>(mut header: Vec<String>, columns: &[Column; N]) -> Result<Vec<Option<usize>>> {
    while header.last().is_some_and(String::is_empty) {
        header.pop();
    }
    let mut places = Vec::with_capacity(header.len());
    for name in &header {
        let place = columns.iter().position(|column| column.name.eq_ignore_ascii_case(name));
        if place.is_none() && !name.is_empty() {
            let name: String = name.chars().take(64).collect();
            return Err(Refusal::field(&name, Problem::Unknown));
        }
        if place.is_some() && places.contains(&place) {
            return Err(Refusal::field(name, Problem::Taken));
        }
        places.push(place);
    }
    let missing = (0..)
        .zip(columns)
        .find(|(place, column)| column.required && !places.contains(&Some(*place)));
    match missing {
        Some((_, column)) => Err(Refusal::field(column.name, Problem::Required)),
        None => Ok(places),
    }
}

/// The cells of a record in the order of the columns asked for.
fn arrange<const N: usize>(cells: Vec<String>, places: &[Option<usize>], columns: &[Column; N]) -> Result<[String; N]> {
    let (found, expected) = (cells.len(), places.len());
    let mut row = [const { String::new() }; N];
    for (index, cell) in cells.into_iter().enumerate() {
        let place = places.get(index).copied().flatten();
        match place.and_then(|place| Some((row.get_mut(place)?, columns.get(place)?))) {
            Some((target, column)) => {
                if column.key && is_shortened(&cell) || is_error(&cell) {
                    return Err(Refusal::field(column.name, Problem::Spreadsheet));
                }
                *target = cell;
            }
            None if cell.is_empty() => {}
            None => {
                return Err(Refusal::malformed(format!(
                    "{found} cells where the header has {expected}"
                )));
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

/// The records of a text, with the number a spreadsheet shows for each.
struct Records<'t> {
    text: &'t str,
    reader: csv::Reader<&'t [u8]>,
    line: u64,
}

struct Record {
    line: u64,
    cells: Vec<String>,
    /// It goes to the end of the file because a quotation mark is missing.
    unclosed: bool,
}

impl<'t> Records<'t> {
    fn of(text: &'t str) -> Self {
        let (text, given) = separator(text);
        let reader = csv::ReaderBuilder::new()
            .delimiter(given.unwrap_or_else(|| delimiter(text)))
            .has_headers(false)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        Self { text, reader, line: 0 }
    }

    /// The next record with anything in it.
    fn next_filled(&mut self) -> Result<Option<Record>> {
        while let Some(record) = self.next()? {
            if record.cells.iter().any(|cell| !cell.is_empty()) {
                return Ok(Some(record));
            }
        }
        Ok(None)
    }

    fn next(&mut self) -> Result<Option<Record>> {
        let begins = self.offset();
        let mut record = csv::StringRecord::new();
        let malformed = |error: csv::Error| Refusal::malformed(error.to_string());
        if !self.reader.read_record(&mut record).map_err(malformed)? {
            return Ok(None);
        }
        let ends = self.offset();
        // The reader passes over empty lines, which are rows in a spreadsheet.
        self.line += 1 + empty_lines(self.text, begins);
        let raw = self.text.get(begins..ends).unwrap_or_default().trim();
        let quotes = raw.bytes().filter(|byte| *byte == b'"').count();
        Ok(Some(Record {
            line: self.line,
            cells: record.iter().map(one_line).collect(),
            unclosed: ends == self.text.len() && quotes % 2 == 1 && raw.contains(['\n', '\r']),
        }))
    }

    fn offset(&self) -> usize {
        usize::try_from(self.reader.position().byte()).unwrap_or(usize::MAX)
    }
}

/// Excel's first line `sep=;`, which is no row of the table.
fn separator(text: &str) -> (&str, Option<u8>) {
    let first = text.split(['\r', '\n']).next().unwrap_or_default();
    let plain = first.trim().trim_matches('"');
    let is_separator = plain.get(..4).is_some_and(|word| word.eq_ignore_ascii_case("sep="));
    match plain.as_bytes() {
        [_, _, _, _, delimiter] if is_separator => {
            let rest = text.get(first.len()..).unwrap_or_default();
            let rest = rest.strip_prefix('\r').unwrap_or(rest);
            (rest.strip_prefix('\n').unwrap_or(rest), Some(*delimiter))
        }
        // A tab is trimmed away.
        [_, _, _, _] if is_separator && first.contains('\t') => {
            (text.get(first.len()..).unwrap_or_default().trim_start(), Some(b'\t'))
        }
        _ => (text, None),
    }
}

/// The delimiter the header shows.
fn delimiter(text: &str) -> u8 {
    let filled = |line: &&str| {
        line.contains(|c: char| !c.is_whitespace() && !DELIMITERS.contains(&u8::try_from(c).unwrap_or_default()))
    };
    let header = text.split(['\r', '\n']).find(filled).unwrap_or_default();
    DELIMITERS
        .into_iter()
        .find(|delimiter| header.contains(char::from(*delimiter)))
        .unwrap_or(b',')
}

/// How many lines without a character stand at `begins`, where a record ended.
fn empty_lines(text: &str, begins: usize) -> u64 {
    let bytes = text.as_bytes();
    let mut rest = bytes.get(begins..).unwrap_or_default();
    if bytes.get(..begins).is_some_and(|before| before.ends_with(b"\r")) {
        rest = rest.strip_prefix(b"\n").unwrap_or(rest);
    }
    let mut lines = 0;
    loop {
        rest = match rest {
            [b'\r', b'\n', rest @ ..] | [b'\r' | b'\n', rest @ ..] => rest,
            _ => return lines,
        };
        lines += 1;
    }
}

/// A cell as one line: breaks in it become a space, and `="0211"`, by which spreadsheets keep a number as text, is that text.
fn one_line(cell: &str) -> String {
    let cell = cell
        .strip_prefix("=\"")
        .and_then(|inside| inside.strip_suffix('"'))
        .unwrap_or(cell);
    let is_break = |c: char| matches!(c, '\n' | '\r' | '\u{b}' | '\u{85}' | '\u{2028}' | '\u{2029}');
    if !cell.contains(is_break) {
        return cell.trim().to_owned();
    }
    let lines = cell.split(is_break).map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join(" ")
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
        assert_eq!(report.sample, ["2, 김"]);
        let (_, report) = read(b"id,name\n1,a\n", ImportOptions::default(), &[], &COLUMNS).unwrap();
        assert_eq!(report.sample, ["1, a"]);
    }
}

//! The records of a file of rows, with the line numbers that a spreadsheet shows.

use crate::Result;
use domain::error::Refusal;

const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// The records of a text, with the number a spreadsheet shows for each.
pub(super) struct Records<'t> {
    text: &'t str,
    reader: csv::Reader<&'t [u8]>,
    line: u64,
}

pub(super) struct Record {
    pub(super) line: u64,
    pub(super) cells: Vec<String>,
    /// It goes to the end of the file because a quotation mark is missing.
    pub(super) unclosed: bool,
}

impl<'t> Records<'t> {
    pub(super) fn of(text: &'t str) -> Self {
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
    pub(super) fn next_filled(&mut self) -> Result<Option<Record>> {
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

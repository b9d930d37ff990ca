//! What importing a file has in common, whatever is in it.

use super::{CliError, Store, say};
use backend::{FileEncoding, ImportOptions, Lines};
use clap::Args;
use domain::error::{Problem, Refusal};
use domain::imports::{Group, grouped};
use domain::locker::orders::ImportReport;
use pages::ui::csv;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};

/// A file to import.
#[derive(Args, Debug)]
pub struct Import {
    #[command(flatten)]
    pub(super) store: Store,
    /// The CSV file, in UTF-8, EUC-KR or GBK; - reads standard input
    file: PathBuf,
    /// What the file is written in: utf-8, euc-kr, gbk or utf-16; found out unless given
    #[arg(long, value_name = "NAME")]
    encoding: Option<FileEncoding>,
    /// Show some rows as they are read and what would become of all, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Write the rows that were refused to this new file, with their lines and why, to be corrected and imported again
    #[arg(long, value_name = "FILE")]
    refused: Option<PathBuf>,
}

impl Import {
    /// The whole file.
    pub(super) fn read(&self) -> Result<Vec<u8>, CliError> {
        // Before anything is imported: what is there is not written over.
        if let Some(path) = self.refused.as_deref().filter(|path| path.exists()) {
            return Err(CliError::Write {
                what: path.display().to_string(),
                source: std::io::ErrorKind::AlreadyExists.into(),
            });
        }
        read(&self.file).map_err(|source| CliError::Read {
            what: self.name(),
            source,
        })
    }

    pub(super) fn options(&self) -> ImportOptions {
        ImportOptions {
            encoding: self.encoding,
            dry_run: self.dry_run,
        }
    }

    /// Are the refused rows to be written to a file?
    pub(super) fn keeps_refused(&self, report: &ImportReport) -> bool {
        self.refused.is_some() && !report.errors.is_empty()
    }

    /// Writes the refused rows to the file that was asked for, which only its owner may read: device keys may be among them.
    pub(super) fn keep_refused(&self, lines: Lines, report: &ImportReport) -> Result<(), CliError> {
        let Some(path) = &self.refused else {
            return Ok(());
        };
        let why = |line: u64| {
            let error = report.errors.iter().find(|error| error.line == line);
            error.map(|error| say(&error.refusal)).unwrap_or_default()
        };
        let file = csv::refused_rows(lines.header, lines.rows, why).map_err(CliError::Refused)?;
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = options.open(path).and_then(|mut to| to.write_all(&file));
        written.map_err(|source| CliError::Write {
            what: path.display().to_string(),
            source,
        })?;
        println!("the refused rows are in {}", path.display());
        Ok(())
    }

    /// Says what came of it; rows that were refused are a failure.
    pub(super) fn told(&self, report: &ImportReport) -> Result<(), CliError> {
        let what = self.name();
        for error in &report.errors {
            let value = error.value.as_deref().filter(|value| !value.is_empty());
            let value = value.map(|value| format!(" ({value})")).unwrap_or_default();
            eprintln!("{what}:{}: {}{value}", error.line, say(&error.refusal));
        }
        if self.dry_run {
            for row in &report.sample {
                let cells: Vec<&str> = row
                    .cells
                    .iter()
                    .map(String::as_str)
                    .filter(|cell| !cell.is_empty())
                    .collect();
                println!("{what} is read as: {}", cells.join(", "));
            }
        }
        for group in grouped(&report.errors) {
            summarised(&group);
        }
        let (dry, updated) = (
            if self.dry_run {
                "dry run, nothing was changed: "
            } else {
                ""
            },
            if report.updated > 0 {
                format!(" {} made ready,", report.updated)
            } else {
                String::new()
            },
        );
        println!(
            "{dry}{what} ({}): {} added,{updated} {} unchanged, {} refused",
            report.encoding,
            report.added,
            report.unchanged,
            report.errors.len()
        );
        match report.errors.len() {
            0 => Ok(()),
            refused => Err(CliError::Rows { refused }),
        }
    }

    fn name(&self) -> String {
        self.file.display().to_string()
    }
}

/// One reason with its rows and values, as the page of an import shows them, and what helps.
fn summarised(group: &Group) {
    println!("{} refused: {}", group.count, say(&group.refusal));
    let is_business =
        matches!(&group.refusal, Refusal::Field { field, problem: Problem::Unknown } if field == "business");
    for value in group.values.iter().filter(|value| !value.text.is_empty()) {
        println!("  {} × {}", value.count, value.text);
    }
    let left_out = group.different - group.values.len();
    if left_out > 0 {
        println!("  and {left_out} other values");
    }
    if is_business {
        println!("  add each with: latchkey business add NAME");
    }
}

fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    if file.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes)?;
        Ok(bytes)
    } else {
        std::fs::read(file)
    }
}

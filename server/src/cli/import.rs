//! What importing a file has in common, whatever is in it.

use super::{CliError, Store, say};
use backend::{FileEncoding, ImportOptions};
use clap::Args;
use domain::locker::orders::ImportReport;
use std::io::Read;
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
}

impl Import {
    /// The whole file.
    pub(super) fn read(&self) -> Result<Vec<u8>, CliError> {
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

    /// Says what came of it; rows that were refused are a failure.
    pub(super) fn told(&self, report: &ImportReport) -> Result<(), CliError> {
        let what = self.name();
        for error in &report.errors {
            eprintln!("{what}:{}: {}", error.line, say(&error.refusal));
        }
        if self.dry_run {
            for row in &report.sample {
                println!("{what} is read as: {row}");
            }
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

fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    if file.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes)?;
        Ok(bytes)
    } else {
        std::fs::read(file)
    }
}

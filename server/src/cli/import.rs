//! What importing a file has in common, whatever is in it.

use super::{CliError, Store, say};
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
}

impl Import {
    /// The whole file.
    pub(super) fn read(&self) -> Result<Vec<u8>, CliError> {
        read(&self.file).map_err(|source| CliError::Read {
            what: self.name(),
            source,
        })
    }

    /// Says what came of it; rows that were refused are a failure.
    pub(super) fn told(&self, report: &ImportReport) -> Result<(), CliError> {
        let what = self.name();
        for error in &report.errors {
            eprintln!("{what}:{}: {}", error.line, say(&error.refusal));
        }
        println!(
            "{what} ({}): {} added, {} unchanged, {} refused",
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

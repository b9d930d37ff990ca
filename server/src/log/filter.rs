//! What is logged, as `LATCHKEY_LOG` says.

use std::ffi::OsString;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// What is logged unless `LATCHKEY_LOG` says otherwise.
pub const LOGGED: &str = "info,sqlx=warn,tower_sessions=error,tower_sessions_core=off,hyper=warn,rustls=warn";
/// The same for commands: a statement that takes long, which is usual while everything is copied, is not their user's matter.
pub const LOGGED_BY_COMMANDS: &str =
    "info,sqlx=error,tower_sessions=error,tower_sessions_core=off,hyper=warn,rustls=warn";

/// `LATCHKEY_LOG` says nothing a log could be filtered by.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("LATCHKEY_LOG: {0:?} is neither a level (off, error, warn, info, debug, trace) nor TARGET=LEVEL")]
pub struct BadLogFilter(String);

/// A word alone that is no level would be taken for the only target to log, and everything else would be silent.
pub(super) fn log_filter(setting: Option<OsString>, usual: &str) -> Result<EnvFilter, BadLogFilter> {
    let wanted = setting.unwrap_or_default();
    if wanted.is_empty() {
        return Ok(EnvFilter::new(usual));
    }
    let bad = |text: &str| BadLogFilter(text.trim().to_owned());
    let wanted = wanted.into_string().map_err(|text| bad(&text.to_string_lossy()))?;
    let is_level = |word: &str| word.parse::<LevelFilter>().is_ok();
    let names_one =
        |part: &&str| !is_level(part.trim()) && !part.contains(['=', '[', ']', '}', '/']) && !part.trim().is_empty();
    match wanted.split(',').find(names_one) {
        Some(part) => Err(bad(part)),
        None => EnvFilter::try_new(&wanted).map_err(|_| bad(&wanted)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_filter_holds_or_is_refused() {
        for fine in [
            "info",
            "WARN",
            "off",
            "info,sqlx=warn",
            "server::link=debug,error",
            "[request]=trace",
            " debug ",
            "3",
        ] {
            assert!(log_filter(Some(fine.into()), LOGGED).is_ok(), "{fine}");
        }
        for wrong in ["inof", "verbose", "info,sqlx", "sqlx=loud", "=", "server=info=debug"] {
            let error = log_filter(Some(wrong.into()), LOGGED).unwrap_err();
            assert!(error.to_string().starts_with("LATCHKEY_LOG: "), "{wrong}");
        }
        assert_eq!(
            log_filter(None, LOGGED).unwrap().to_string(),
            log_filter(Some("".into()), LOGGED).unwrap().to_string()
        );
    }
}

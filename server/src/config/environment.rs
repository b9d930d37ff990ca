//! Settings from the environment. An empty variable counts as unset, and one that is probably a misspelt setting stops the start: it would
//! otherwise be ignored without a word.

use super::CommandLine;
use clap::{Command, CommandFactory, FromArgMatches};
use std::ffi::{OsStr, OsString};

const PREFIX: &str = "LATCHKEY_";
/// Read elsewhere than on the command line.
const OTHERS: [&str; 2] = ["LATCHKEY_LOG", backend::MASTER_KEY_VARIABLE];
/// Other programs of this repository read these.
const NOT_OURS: [&str; 2] = ["LATCHKEY_TEST_", "LATCHKEY_BENCH_"];
/// A name this far from a setting's is a slip of the keyboard.
const SLIPS: usize = 2;

/// A variable that is no setting, but nearly one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no setting {name}; did you mean {meant}? Correct the name or remove the variable")]
pub struct Misspelt {
    /// The variable's name.
    pub name: String,
    /// The setting that is probably meant.
    pub meant: String,
}

impl CommandLine {
    /// The arguments of this process, and for what they leave out its environment. Ends the process where they make no sense.
    pub fn of_this_process() -> Self {
        let is_empty = |name: &OsStr| std::env::var_os(name).is_some_and(|value| value.is_empty());
        let mut matches = without_variables(Self::command(), &is_empty).get_matches();
        Self::from_arg_matches_mut(&mut matches).unwrap_or_else(|error| error.exit())
    }
}

/// The command line that does not look at these variables.
fn without_variables(command: Command, left_out: &impl Fn(&OsStr) -> bool) -> Command {
    let command = command.mut_args(|arg| {
        if arg.get_env().is_some_and(left_out) {
            arg.env(None::<&'static str>)
        } else {
            arg
        }
    });
    command.mut_subcommands(|sub| without_variables(sub, left_out))
}

/// Finds a variable of this process that is nearly a setting.
pub fn check_names() -> Result<(), Misspelt> {
    let variables = std::env::vars_os().filter(|(_, value)| !value.is_empty());
    match misspelt(variables.map(|(name, _)| name), &settings(&CommandLine::command())) {
        Some(misspelt) => Err(misspelt),
        None => Ok(()),
    }
}

/// The variables of all settings.
fn settings(command: &Command) -> Vec<String> {
    let own = command
        .get_arguments()
        .filter_map(|arg| arg.get_env()?.to_str().map(str::to_owned));
    let below = command.get_subcommands().flat_map(settings);
    own.chain(below).chain(OTHERS.map(str::to_owned)).collect()
}

fn misspelt(names: impl Iterator<Item = OsString>, settings: &[String]) -> Option<Misspelt> {
    let ours = names
        .filter_map(|name| name.into_string().ok())
        .filter(|name| name.starts_with(PREFIX) && !NOT_OURS.iter().any(|other| name.starts_with(other)));
    for name in ours.filter(|name| !settings.contains(name)) {
        let near = settings
            .iter()
            .filter_map(|setting| Some((distance(&name, setting)?, setting)));
        if let Some((_, meant)) = near.min() {
            let meant = meant.clone();
            return Some(Misspelt { name, meant });
        }
    }
    None
}

/// How far a name is from a setting's, where it is near: a letter or two, a missing underscore, or its end left out. What Kubernetes sets for
/// a service called latchkey is not near to anything.
fn distance(name: &str, setting: &str) -> Option<usize> {
    let short = |text: &str| text.strip_prefix(PREFIX).unwrap_or(text).replace('_', "");
    let slips = strsim::osa_distance(&short(name), &short(setting));
    let is_slip = slips == 0 || slips <= SLIPS && short(name).len() > SLIPS;
    let is_beginning = setting.strip_prefix(name).is_some_and(|rest| rest.starts_with('_'));
    (is_slip || is_beginning).then_some(slips)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str) -> Option<String> {
        let settings = settings(&CommandLine::command());
        misspelt([OsString::from(name)].into_iter(), &settings).map(|misspelt| misspelt.meant)
    }

    #[test]
    fn a_misspelt_setting_is_found_and_the_right_one_suggested() {
        for (wrong, meant) in [
            ("LATCHKEY_TIMEZONE", "LATCHKEY_TIME_ZONE"),
            ("LATCHKEY_TIME_ZONES", "LATCHKEY_TIME_ZONE"),
            ("LATCHKEY_DATABASE", "LATCHKEY_DATABASE_URL"),
            ("LATCHKEY_TLS_SELFSIGNED", "LATCHKEY_TLS_SELF_SIGNED"),
            ("LATCHKEY_ADVERTIZE", "LATCHKEY_ADVERTISE"),
            ("LATCHKEY_MASTERKEY", "LATCHKEY_MASTER_KEY"),
            ("LATCHKEY_LOGS", "LATCHKEY_LOG"),
        ] {
            assert_eq!(found(wrong).as_deref(), Some(meant), "{wrong}");
        }
    }

    #[test]
    fn other_variables_are_left_alone() {
        for name in settings(&CommandLine::command()) {
            assert_eq!(found(&name), None, "{name}");
        }
        for name in [
            "LATCHKEY_PORT",
            "LATCHKEY_PORT_3000_TCP",
            "LATCHKEY_PORT_3000_TCP_ADDR",
            "LATCHKEY_SERVICE_HOST",
            "LATCHKEY_SERVICE_PORT",
            "LATCHKEY_SERVICE_PORT_HTTP",
            "LATCHKEY_TEST_POSTGRES",
            "LATCHKEY_BENCH_POSTGRES",
            "PATH",
        ] {
            assert_eq!(found(name), None, "{name}");
        }
    }
}

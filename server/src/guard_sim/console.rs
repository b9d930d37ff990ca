//! One guard in the terminal. Each thing that happens is one line on standard output, in words that stay the same, so that a script can
//! sit in front of it as well as a person.

use super::SimError;
use super::command::{Command, HELP};
use super::runner::{Event, Runner};
use domain::guard::device::{Device, Input};
use domain::guard::grants::Key;
use domain::guard::link::Version;
use std::fmt::Write as _;
use std::io::{BufRead as _, Write as _};
use std::ops::ControlFlow;
use tokio::sync::mpsc;

/// Runs until `quit`, the end of the input, or a signal.
pub async fn run(mut runner: Runner) -> Result<(), SimError> {
    runner.guard.start()?;
    say(&format!("guard {}: {}", runner.guard.device.guard_id, status(&runner)));
    let mut lines = lines();
    loop {
        let events = tokio::select! {
            line = lines.recv() => match command(&mut runner, line).await? {
                ControlFlow::Continue(events) => events,
                ControlFlow::Break(()) => break,
            },
            happened = runner.wait() => {
                let why = runner.why().to_owned();
                let events = runner.act(happened).await?;
                // A connection that never came about is told as well, once for each reason.
                if runner.why() != why && events.is_empty() {
                    say(&format!("not linked: {}", runner.why()));
                }
                events
            }
            _ = tokio::signal::ctrl_c() => break,
        };
        for event in events {
            say(&told(&event, &runner.guard.device));
        }
    }
    runner.end().await;
    Ok(())
}

/// Standard input line by line. A thread of its own: reading it cannot be given up.
fn lines() -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel(1);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // Nobody reads any more: then nobody needs to be told.
    let _unheard = writeln!(out, "{line}").and_then(|()| out.flush());
}

async fn command(runner: &mut Runner, line: Option<String>) -> Result<ControlFlow<(), Vec<Event>>, SimError> {
    let Some(line) = line else {
        return Ok(ControlFlow::Break(()));
    };
    let command = match Command::parse(&line) {
        Ok(Some(command)) => command,
        Ok(None) => return Ok(ControlFlow::Continue(Vec::new())),
        Err(why) => {
            say(&format!("error: {why}"));
            return Ok(ControlFlow::Continue(Vec::new()));
        }
    };
    let events = match command {
        Command::Present(presented) => runner.feed(Input::Presented(presented)).await?,
        Command::Net { on } => {
            say(if on { "net on" } else { "net off" });
            runner.network(on).await?
        }
        Command::Drift { ms } => {
            runner.guard.drift(ms)?;
            say(&status(runner));
            Vec::new()
        }
        Command::Reboot => {
            let events = runner.reboot().await?;
            say(&format!("rebooted: {}", status(runner)));
            events
        }
        Command::Door(state) => runner.feed(Input::Door(state)).await?,
        Command::Feels(status) => runner.feed(Input::Feels(status)).await?,
        Command::Status => {
            say(&status(runner));
            Vec::new()
        }
        Command::Help => {
            say(HELP);
            Vec::new()
        }
        Command::Quit => return Ok(ControlFlow::Break(())),
    };
    Ok(ControlFlow::Continue(events))
}

fn told(event: &Event, device: &Device) -> String {
    match event {
        Event::Linked => "linked".to_owned(),
        Event::Unlinked { why } => format!("not linked: {why}"),
        Event::Opened(Key::Grant { service_numb }) => format!("opened by grant {service_numb}"),
        Event::Opened(Key::DefaultPassword { number }) => format!("opened by default password {number}"),
        Event::Refused {
            reason,
            wait_seconds: Some(seconds),
        } => format!("refused: {}, wait {seconds} s", reason.as_str()),
        Event::Refused { reason, .. } => format!("refused: {}", reason.as_str()),
        Event::Granted(version) => format!("granted: {}", grants(device, *version)),
        Event::Stored(through) => format!("stored: records to {through}"),
    }
}

fn grants(device: &Device, version: Version) -> String {
    let live = device.grants.grants.iter().filter(|grant| !grant.cancelled).count();
    let owned = if device.grants.owned { "owned" } else { "not owned" };
    format!("version {} with {live} grants, {owned}", version.number)
}

fn status(runner: &Runner) -> String {
    let (device, now) = (&runner.guard.device, runner.guard.now());
    let linked = if device.is_connected() { "linked" } else { "not linked" };
    let mut line = format!("{linked}; {}", grants(device, device.version));
    let (last, stored) = (device.log.last(), device.log.confirmed());
    // Writing into a text cannot fail.
    let _written = write!(
        line,
        "; records to {last}, stored to {stored}; clock {}",
        device.clock.corrected(now).to_iso()
    );
    match device.clock.uncertainty_ms(now) {
        Some(ms) => {
            let _written = write!(line, " within {ms} ms");
        }
        None => line.push_str(" not to be trusted"),
    }
    line
}

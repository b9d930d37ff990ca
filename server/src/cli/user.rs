//! `latchkey user …`

use super::{CliError, Opened, Store, line_from_stdin};
use backend::Actor;
use backend::guard::reassign;
use backend::people::{self, NewPerson};
use clap::{Args, Subcommand};
use domain::error::{Problem, Refusal};
use domain::ids::Phone;
use domain::people::Role;

/// What to do about people.
#[derive(Subcommand, Debug)]
pub enum User {
    /// Add a person who may sign in
    Add(Add),
    /// Give a person a new password; ends their sessions
    Password(Password),
    /// Keep a person from signing in; ends their sessions
    Disable(Named),
    /// Let a disabled person sign in again
    Enable(Named),
}

/// A new person.
#[derive(Args, Debug)]
pub struct Add {
    #[command(flatten)]
    store: Store,
    #[arg(long, value_parser = role, help = format!("What they may do: {}", Role::names()))]
    role: Role,
    /// Phone number, by which they sign in
    #[arg(long)]
    phone: String,
    /// Their name
    #[arg(long)]
    name: String,
    /// The business a business user belongs to
    #[arg(long)]
    business: Option<String>,
    /// Take the number from the owner who registered it: their sessions, guards, superiors and juniors end
    #[arg(long)]
    reassign: bool,
    /// Read the password from the first line of standard input
    #[arg(long, required = true)]
    password_stdin: bool,
}

/// A person's new password.
#[derive(Args, Debug)]
pub struct Password {
    #[command(flatten)]
    named: Named,
    /// Read the password from the first line of standard input
    #[arg(long, required = true)]
    password_stdin: bool,
}

/// One person.
#[derive(Args, Debug)]
pub struct Named {
    #[command(flatten)]
    store: Store,
    /// Their phone number
    #[arg(long)]
    phone: String,
}

impl Named {
    async fn open(&self) -> Result<(Opened, Phone), CliError> {
        self.store.use_country();
        let phone = Phone::parse(&self.phone).ok_or_else(|| Refusal::field("phone", Problem::Form))?;
        Ok((self.store.open().await?, phone))
    }
}

fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(Role::names)
}

pub(super) async fn run(command: User) -> Result<(), CliError> {
    match command {
        User::Add(add) => {
            let password = line_from_stdin("password")?;
            let Add {
                store,
                role,
                phone,
                name,
                business,
                reassign,
                ..
            } = add;
            let backend = store.open().await?;
            let new = NewPerson {
                phone,
                name,
                role,
                business,
                password,
            };
            let person = if reassign {
                reassign::reassign(&backend, &Actor::Cli, new).await?
            } else {
                people::add(&backend, &Actor::Cli, new).await?
            };
            println!("added {} {} ({})", person.role.as_str(), person.phone, person.name);
        }
        User::Password(change) => {
            let password = line_from_stdin("password")?;
            let (backend, phone) = change.named.open().await?;
            people::set_password(&backend, &Actor::Cli, &phone, &password).await?;
            println!("{phone} has a new password; their sessions have ended");
        }
        User::Disable(named) => set_active(&named, false).await?,
        User::Enable(named) => set_active(&named, true).await?,
    }
    Ok(())
}

async fn set_active(named: &Named, active: bool) -> Result<(), CliError> {
    let (backend, phone) = named.open().await?;
    let person = people::set_active(&backend, &Actor::Cli, &phone, active).await?;
    println!(
        "{} {} ({})",
        if active { "enabled" } else { "disabled" },
        person.phone,
        person.name
    );
    Ok(())
}

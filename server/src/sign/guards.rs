//! Signs 6 to 10 and 12: guards.

use super::who::Caller;
use backend::guard::guards::{self, CodeCheck, Description, ListedGuard};
use backend::{Backend, Result};
use domain::error::Refusal;
use domain::guard::ids::GuardId;
use domain::guard::messages::guards::{
    AddGuard, Added, AddedBy, CheckCode, CodeChecked, CodeMatch, EditGuard, GuardRow, GuardsListed,
};
use domain::guard::messages::{Done, Plain, Reply};
use domain::ids::Phone;
use domain::people::Person;

pub(super) async fn check_added(caller: &Caller<'_>, who: &Person, guard_id: &GuardId) -> Result<Reply> {
    let b = caller.backend;
    guards::count_questions(b, who, caller.address).await?;
    let already_phone_number = guards::owner_of(b, who, guard_id).await?;
    let result = already_phone_number.as_ref().map_or(Added::No, |_| Added::Yes);
    Ok(Reply::CheckAdded(AddedBy {
        result,
        already_phone_number,
    }))
}

pub(super) async fn check_code(caller: &Caller<'_>, who: &Person, asked: CheckCode) -> Result<Reply> {
    let b = caller.backend;
    match guards::count_codes_from(b, caller.address).await {
        Err(Refusal::TooMany { .. }) => {
            let result = CodeMatch::Mismatch;
            return Ok(Reply::CheckCode(CodeChecked { result }));
        }
        counted => counted?,
    }
    let check = guards::check_code(b, who, &asked.guard_id, asked.op_code.0.as_ref()).await?;
    let result = match check {
        CodeCheck::Unknown => CodeMatch::NeverConnected,
        CodeCheck::NoCode => CodeMatch::NoCode,
        CodeCheck::Match => CodeMatch::Match,
        CodeCheck::Mismatch => CodeMatch::Mismatch,
    };
    Ok(Reply::CheckCode(CodeChecked { result }))
}

pub(super) async fn add(caller: &Caller<'_>, who: &Person, asked: AddGuard) -> Result<Reply> {
    let b = caller.backend;
    guards::count_codes_from(b, caller.address).await?;
    let about = Description {
        name: asked.name,
        location: asked.location,
        comment: asked.comment,
    };
    guards::add(b, who, &asked.guard_id, &asked.op_code, &about).await?;
    Ok(Reply::AddGuard(Done::OK))
}

pub(super) async fn edit(b: &Backend, who: &Person, asked: EditGuard) -> Result<Reply> {
    let about = Description {
        name: asked.name,
        location: asked.location,
        comment: asked.comment,
    };
    guards::edit(b, who, &asked.guard_id, &about).await?;
    Ok(Reply::EditGuard(Done::OK))
}

pub(super) async fn delete(b: &Backend, who: &Person, guard_id: &GuardId) -> Result<Reply> {
    guards::delete(b, who, guard_id).await?;
    Ok(Reply::DeleteGuard(Done::OK))
}

pub(super) async fn list(b: &Backend, who: &Person, of: &Phone) -> Result<Reply> {
    let guards = guards::listed(b, who, of).await?;
    Ok(Reply::ListGuards(GuardsListed {
        result: Plain::Done,
        guards: guards.into_iter().map(row).collect(),
    }))
}

fn row(guard: ListedGuard) -> GuardRow {
    let [first, second] = &guard.default_passwords;
    GuardRow {
        default_password1: first.as_ref().into(),
        default_password2: second.as_ref().into(),
        guard_name: guard.name,
        guard_id: guard.id,
        guard_location: guard.location,
        guard_comment: guard.comment,
        guard_status: guard.status,
    }
}

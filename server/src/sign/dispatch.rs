//! Which message does what, each once.

use super::who::{Caller, Speaker};
use super::{cards, directory, guards, juniors, owners, passwords, records};
use backend::Result;
use domain::guard::messages::{Reply, Request};

/// Answers a message. A refusal becomes that message's failure.
pub async fn dispatch(caller: &Caller<'_>, who: Speaker, request: Request) -> Result<Reply> {
    let b = caller.backend;
    match request {
        Request::AllocateOwner(_) => directory::allocate_owner(caller, who.named()).await,
        Request::RegisterOwner(asked) => owners::register(caller, asked).await,
        Request::LocateOwner(_) => directory::locate_owner(caller, who.named()).await,
        Request::SignIn(asked) => owners::sign_in(caller, asked).await,
        Request::LocateGuard(asked) => directory::locate_guard(caller, who.owner()?, &asked.guard_id).await,
        Request::CheckAdded(asked) => guards::check_added(caller, who.owner()?, &asked.guard_id).await,
        Request::CheckCode(asked) => guards::check_code(caller, who.owner()?, asked).await,
        Request::AddGuard(asked) => guards::add(caller, who.owner()?, asked).await,
        Request::EditGuard(asked) => guards::edit(b, who.owner()?, asked).await,
        Request::DeleteGuard(asked) => guards::delete(b, who.owner()?, &asked.guard_id).await,
        Request::LocateGuards(_) => directory::locate_guards(caller, who.owner()?).await,
        Request::ListGuards(_) => guards::list(b, who.reader()?, who.named()).await,
        Request::ListCards(asked) => cards::list(b, who.reader()?, who.named(), &asked.guard_id).await,
        Request::AddCard(asked) => cards::add(b, who.owner()?, asked).await,
        Request::CancelCard(asked) => cards::cancel(b, who.owner()?, &asked).await,
        Request::ListPasswords(asked) => passwords::list(b, who.reader()?, who.named(), &asked.guard_id).await,
        Request::AddPassword(asked) => passwords::add(b, who.owner()?, asked).await,
        Request::CancelPassword(asked) => passwords::cancel(b, who.owner()?, &asked).await,
        Request::ResetPassword(asked) => owners::reset_password(caller, &who, &asked).await,
        Request::RenameOwner(asked) => owners::rename(b, who.owner()?, &asked.new_name).await,
        Request::CurrentImei(_) => owners::current_imei(b, who.own_access()?).await,
        Request::ListRecords(asked) => records::list(b, who.reader()?, who.named(), &asked).await,
        Request::AddJunior(asked) => juniors::add(b, who.owner()?, &asked).await,
        Request::ListJuniors(_) => juniors::list(b, who.owner()?).await,
        Request::CancelJunior(asked) => juniors::cancel(b, who.owner()?, &asked.junior).await,
        Request::WebSignIn(asked) => owners::sign_in_on_the_web(caller, asked).await,
    }
}

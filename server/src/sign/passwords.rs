//! Signs 16 to 18: authorisations by password.

use super::times::{end_moment, minute, moment};
use backend::guard::passwords::{self, NewPassword, Password};
use backend::{Backend, Result};
use domain::guard::ids::GuardId;
use domain::guard::messages::passwords::{AddPassword, CancelPassword, PasswordRow, PasswordsListed};
use domain::guard::messages::{Done, Plain, Reply};
use domain::ids::Phone;
use domain::people::Person;

pub(super) async fn list(b: &Backend, who: &Person, of: &Phone, guard_id: &GuardId) -> Result<Reply> {
    let listed = passwords::list(b, who, of, guard_id).await?;
    let [first, second] = &listed.default_passwords;
    let rows = listed.passwords.into_iter().map(|password| row(b, password));
    Ok(Reply::ListPasswords(PasswordsListed {
        result: Plain::Done,
        default_password1: first.as_ref().into(),
        default_password2: second.as_ref().into(),
        password_list: rows.collect::<Result<_>>()?,
    }))
}

fn row(b: &Backend, password: Password) -> Result<PasswordRow> {
    Ok(PasswordRow {
        password: password.password.as_ref().into(),
        start_time: minute(b, password.from)?,
        end_time: minute(b, password.until)?,
        service_numb: password.service_numb,
    })
}

pub(super) async fn add(b: &Backend, who: &Person, asked: AddPassword) -> Result<Reply> {
    let new = NewPassword {
        from: moment(b, "startTime", asked.start)?,
        until: end_moment(b, "endTime", asked.end)?,
        service_numb: asked.service_numb,
        password: asked.password,
    };
    // The same content again is success as well; other content under the same number is refused.
    passwords::add(b, who, &asked.guard_id, new).await?;
    Ok(Reply::AddPassword(Done::OK))
}

pub(super) async fn cancel(b: &Backend, who: &Person, asked: &CancelPassword) -> Result<Reply> {
    passwords::cancel(b, who, &asked.guard_id, &asked.service_numb).await?;
    Ok(Reply::CancelPassword(Done::OK))
}

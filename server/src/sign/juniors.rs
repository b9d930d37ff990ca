//! Signs 23 to 25: juniors.

use super::owners::name;
use backend::guard::juniors::{self, NotAdded};
use backend::{Backend, Result};
use domain::guard::messages::juniors::{AddJunior, JuniorAdded, JuniorResult, JuniorRow, JuniorsListed};
use domain::guard::messages::{Done, Plain, Reply};
use domain::ids::Phone;
use domain::people::Person;

pub(super) async fn add(b: &Backend, who: &Person, asked: &AddJunior) -> Result<Reply> {
    let result = match juniors::add(b, who, &asked.junior, Some(asked.superior_grade)).await {
        Ok(()) => JuniorResult::Done,
        Err(NotAdded::Junior(refusal)) => refusal.into(),
        Err(NotAdded::Refused(refusal)) => return Err(refusal),
    };
    Ok(Reply::AddJunior(JuniorAdded { result }))
}

pub(super) async fn list(b: &Backend, who: &Person) -> Result<Reply> {
    let juniors = juniors::list(b, who).await?.into_iter();
    let rows = juniors.filter_map(|junior| {
        Some(JuniorRow {
            junior_name: name(&junior.name)?,
            junior_phone_number: junior.phone,
        })
    });
    Ok(Reply::ListJuniors(JuniorsListed {
        result: Plain::Done,
        junior_list: rows.collect(),
    }))
}

pub(super) async fn cancel(b: &Backend, who: &Person, junior: &Phone) -> Result<Reply> {
    juniors::cancel(b, who, junior).await?;
    Ok(Reply::CancelJunior(Done::OK))
}

//! Finding people by any part of their name, number and business.

use super::PersonRow;
use crate::core::db::sql;
use crate::core::matching::{self, Bounds, Needles};
use crate::core::paging::{self, page_limit};
use crate::identity::require;
use crate::{Backend, Result};
use domain::locker::orders::PagePlace;
use domain::people::{Person, Role};
use domain::search::{Hit, Hits, Part};

/// Rows read at once, and how often for one answer at most.
const ROWS_AT_ONCE: usize = 2000;
const ROUNDS: usize = 10;

/// Operators: everybody (of this role) of whom the name, the number or the business holds what was typed, by number. A whole number may be written
/// with its country.
#[crate::boxed]
pub async fn list(
    b: &Backend,
    who: &Person,
    text: &str,
    role: Option<Role>,
    cursor: Option<&str>,
    limit: u32,
) -> Result<Hits<Person>> {
    require(who, &[Role::Operator])?;
    let bounds = Bounds {
        at_once: ROWS_AT_ONCE,
        rounds: ROUNDS,
        limit: page_limit(limit) as usize,
    };
    let read = |after, most| read(b, after, role, most);
    let needles = Needles::parse(text);
    let (found, next) = matching::rows(&needles, cursor.unwrap_or_default(), bounds, read, look).await?;
    Ok(Hits {
        rows: found.into_iter().map(|(_, hit)| hit).collect(),
        next,
        incomplete: false,
    })
}

const PAGED: paging::Of = paging::Of {
    table: "people",
    key: "phone",
    wanted: "($1 = '' OR role || '' = $1)",
};

#[cfg(test)]
crate::core::db::family!(|| PAGED.texts());

/// Operators: where this page of everybody (of this role) begins, by number.
#[crate::boxed]
pub async fn page(b: &Backend, who: &Person, role: Option<Role>, page: u64, rows: u32) -> Result<PagePlace> {
    require(who, &[Role::Operator])?;
    paging::place(b, &PAGED, &[role.map_or("", Role::as_str)], page, rows).await
}

/// The number of a person, and the person where something was found in their texts.
fn look(person: Person, needles: &Needles) -> (String, Option<Hit<Person>>) {
    let mut texts = vec![(Part::Name, person.name.as_str()), (Part::Phone, person.phone.as_str())];
    let business = person.business.as_ref();
    texts.extend(business.map(|business| (Part::Business, business.as_str())));
    let found = needles.find(&texts);
    let number = person.phone.0.clone();
    (number, found.map(|found| Hit { of: person, found }))
}

/// The next people by number.
async fn read(b: &Backend, after: String, role: Option<Role>, most: i64) -> Result<Vec<Person>> {
    let next = sql!(
        "SELECT phone, name, role, business, active FROM people
         WHERE phone > $1 AND ($2 = '' OR role || '' = $2) ORDER BY phone LIMIT $3",
        after,
        role.map_or("", Role::as_str),
        most,
    );
    let rows: Vec<PersonRow> = b.db().all(next).await?;
    rows.into_iter().map(PersonRow::person).collect()
}

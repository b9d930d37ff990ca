//! Finding people by any part of their name, number and business.

use super::PersonRow;
use crate::db::sql;
use crate::{Backend, Result, page_limit, require};
use domain::ids::Phone;
use domain::people::{Person, Role};
use domain::search::{Hit, Hits, Needle, Part};

/// Rows read at once, and how often for one answer at most.
const ROWS_AT_ONCE: usize = 2000;
const ROUNDS: usize = 10;

/// Operators: everybody (of this role) of whom the name, the number or the business holds what was typed, by number. A whole number may be written
/// with its country.
pub async fn list(
    b: &Backend,
    who: &Person,
    text: &str,
    role: Option<Role>,
    cursor: Option<&str>,
    limit: u32,
) -> Result<Hits<Person>> {
    require(who, &[Role::Operator])?;
    let limit = page_limit(limit) as usize;
    let mut needles = vec![Needle::parse(text)];
    needles.extend(Phone::parse(text).map(|phone| Needle::parse(phone.as_str())));
    let at_once = if needles[0].is_empty() { limit + 1 } else { ROWS_AT_ONCE };
    let mut after = cursor.unwrap_or_default().to_owned();
    let mut rows: Vec<Hit<Person>> = Vec::new();
    for _ in 0..ROUNDS {
        let people = read(b, &after, role, at_once).await?;
        let last = people.len() < at_once;
        for person in people {
            after.clone_from(&person.phone.0);
            let found = {
                let mut texts = vec![(Part::Name, person.name.as_str()), (Part::Phone, person.phone.as_str())];
                texts.extend(
                    person
                        .business
                        .as_ref()
                        .map(|business| (Part::Business, business.as_str())),
                );
                needles.iter().find_map(|needle| needle.find(&texts))
            };
            if let Some(found) = found {
                rows.push(Hit { of: person, found });
            }
            if rows.len() > limit {
                rows.truncate(limit);
                let next = rows.last().map(|hit| hit.of.phone.0.clone());
                return Ok(hits(rows, next));
            }
        }
        if last {
            return Ok(hits(rows, None));
        }
    }
    Ok(hits(rows, Some(after)))
}

fn hits(rows: Vec<Hit<Person>>, next: Option<String>) -> Hits<Person> {
    Hits {
        rows,
        next,
        incomplete: false,
    }
}

/// The next people by number.
async fn read(b: &Backend, after: &str, role: Option<Role>, most: usize) -> Result<Vec<Person>> {
    let next = sql!(
        "SELECT phone, name, role, business, active FROM people
         WHERE phone > $1 AND ($2 = '' OR role || '' = $2) ORDER BY phone LIMIT $3",
        after,
        role.map_or("", Role::as_str),
        i64::try_from(most).unwrap_or(i64::MAX),
    );
    let rows: Vec<PersonRow> = b.db().all(next).await?;
    rows.into_iter().map(PersonRow::person).collect()
}

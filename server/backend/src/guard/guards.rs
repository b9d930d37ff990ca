//! Guards: adding, editing, deleting, listing (signs 5 to 12).

mod rows;

use super::hub::Live;
use super::superiors::readable;
use crate::core::db::{Tx, read_sound, sql};
use crate::core::keys::random_digits;
use crate::identity::limits::Limit;
use crate::identity::{limits, require};
use crate::{Backend, Result};
use domain::error::{Problem, Refusal};
pub use domain::guard::guards::GuardInfo;
use domain::guard::ids::{DoorPassword, GuardComment, GuardId, GuardLocation, GuardName, OpCode};
use domain::guard::messages::guards::GuardStatus;
use domain::ids::{Millis, Phone};
use domain::people::{Person, Role};

/// Wrong codes within the window after which a guard's code is not looked at until its end (SPEC 4.3).
const WRONG_CODES: u32 = 5;
/// Codes tried from one address within the window, right ones as well.
const CODES_OF_AN_ADDRESS: u32 = 200;
/// Wrong codes of one person at whichever guards.
const WRONG_CODES_OF_A_PERSON: u32 = 20;
const CODE_WINDOW_MS: i64 = 15 * 60 * 1000;
/// Questions about whose a guard is within the window, by one person and from one address: as many as may be asked about numbers.
const QUESTIONS_OF_A_PERSON: u32 = 60;
const QUESTIONS_OF_AN_ADDRESS: u32 = 600;
const QUESTION_WINDOW_MS: i64 = 5 * 60 * 1000;
const DEFAULT_PASSWORD_DIGITS: usize = 6;

/// What trying a verification code comes to (sign 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeCheck {
    /// No such guard, or it never connected.
    Unknown,
    /// The guard has no code.
    NoCode,
    /// It is the code.
    Match,
    /// It is not, or wrong ones were tried too often.
    Mismatch,
}

/// What an owner says about a guard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// How it is called.
    pub name: GuardName,
    /// Where it is.
    pub location: GuardLocation,
    /// A remark.
    pub comment: GuardComment,
}

pub(crate) fn op_code_context(guard_id: &GuardId) -> String {
    format!("op-code {guard_id}")
}

pub(crate) fn default_password_context(guard_id: &GuardId, number: usize) -> String {
    format!("default password {number} {guard_id}")
}

/// Opens what is sealed in `default_password1` and `default_password2`. One that cannot be read is none.
pub(crate) fn default_passwords(
    b: &Backend,
    guard_id: &GuardId,
    sealed: [Option<&str>; 2],
) -> [Option<DoorPassword>; 2] {
    let open = |number: usize, sealed: Option<&str>| {
        let sealed = sealed?;
        let found = b.guards().default_passwords.get(sealed, || {
            let context = default_password_context(guard_id, number);
            let text = b.keys().try_open_text(&context, sealed)?;
            DoorPassword::parse(&text).ok()
        });
        if found.is_none() {
            b.damage()
                .note("guards", format_args!("{guard_id} default_password{number}"));
        }
        found
    };
    let [first, second] = sealed;
    [open(1, first), open(2, second)]
}

/// The node in the row of a guard (sign 5); `None` for one that has never been connected.
pub(crate) async fn node(b: &Backend, who: &Person, guard_id: &GuardId) -> Result<Option<Option<String>>> {
    require(who, &[Role::Owner])?;
    let row: Option<Option<String>> = b
        .db()
        .optional(sql!(
            "SELECT node FROM guards WHERE guard_id = $1 AND connected_at IS NOT NULL",
            guard_id.as_str()
        ))
        .await?;
    Ok(row)
}

/// Counts that somebody is going to ask whose a guard is (sign 6). Every owner may ask about every guard, and bar codes follow one another:
/// without a limit the answers are a list of phone numbers.
#[crate::boxed]
pub async fn count_questions(b: &Backend, who: &Person, address: &str) -> Result<()> {
    let by_address = format!("whose-guard/address/{address}");
    limits::count(b, &by_address, QUESTIONS_OF_AN_ADDRESS, QUESTION_WINDOW_MS).await?;
    let by_person = format!("whose-guard/person/{}", who.phone);
    limits::count(b, &by_person, QUESTIONS_OF_A_PERSON, QUESTION_WINDOW_MS).await
}

/// Who added this guard, if anybody did (sign 6).
#[crate::boxed]
pub async fn owner_of(b: &Backend, who: &Person, guard_id: &GuardId) -> Result<Option<Phone>> {
    require(who, &[Role::Owner, Role::Operator])?;
    current_owner(b, guard_id).await
}

pub(crate) async fn current_owner(b: &Backend, guard_id: &GuardId) -> Result<Option<Phone>> {
    let row: Option<Option<String>> = b
        .db()
        .optional(sql!("SELECT owner FROM guards WHERE guard_id = $1", guard_id.as_str()))
        .await?;
    Ok(row.flatten().map(Phone))
}

/// The sealed code of a guard that has been connected.
async fn device(b: &Backend, guard_id: &GuardId) -> Result<Option<Option<String>>> {
    let row: Option<Option<String>> = read_sound!(b, ["op_code"], |[op_code]| {
        let code = sql!(
            "SELECT {op_code} AS op_code FROM guards WHERE guard_id = $1 AND connected_at IS NOT NULL"
            { op_code: sealed(op_code) },
            guard_id.as_str()
        );
        b.db().read().try_optional(code).await
    })?;
    Ok(row)
}

/// Counts that somebody at this address is going to try a code, at whichever guard and as whichever person. Enough that an installer with a house full of
/// guards does not reach it.
#[crate::boxed]
pub async fn count_codes_from(b: &Backend, address: &str) -> Result<()> {
    limits::count(
        b,
        &format!("op-codes from {address}"),
        CODES_OF_AN_ADDRESS,
        CODE_WINDOW_MS,
    )
    .await
}

/// Tries a verification code (sign 7); `None` is a text that can be no code.
#[crate::boxed]
pub async fn check_code(b: &Backend, who: &Person, guard_id: &GuardId, tried: Option<&OpCode>) -> Result<CodeCheck> {
    require(who, &[Role::Owner])?;
    try_code(b, who, guard_id, tried).await.map(|(check, _)| check)
}

/// The outcome, and the sealed code it was held against.
async fn try_code(
    b: &Backend,
    who: &Person,
    guard_id: &GuardId,
    tried: Option<&OpCode>,
) -> Result<(CodeCheck, Option<String>)> {
    let Some(sealed) = device(b, guard_id).await? else {
        return Ok((CodeCheck::Unknown, None));
    };
    let Some(sealed) = sealed else {
        return Ok((CodeCheck::NoCode, None));
    };
    let limits = vec![
        Limit::new(
            format!("op-code by {}", who.phone),
            WRONG_CODES_OF_A_PERSON,
            CODE_WINDOW_MS,
        ),
        Limit::new(format!("op-code {guard_id}"), WRONG_CODES, CODE_WINDOW_MS),
    ];
    let Some(code) = b.keys().try_open_text(&op_code_context(guard_id), &sealed) else {
        // The device says it again when it next connects.
        b.damage().note("guards", format_args!("{guard_id} op_code"));
        return Ok((CodeCheck::NoCode, None));
    };
    let right = tried.is_some_and(|tried| tried.as_str() == code);
    let check = async move { Ok(right.then_some(sealed)) };
    match limits::attempt(b, limits, check).await {
        Ok(Some(sealed)) => Ok((CodeCheck::Match, Some(sealed))),
        Ok(None) | Err(Refusal::TooMany { .. }) => Ok((CodeCheck::Mismatch, None)),
        Err(refusal) => Err(refusal),
    }
}

/// Adds a guard nobody has, by its verification code (sign 8), with two fresh default passwords.
#[crate::boxed]
pub async fn add(
    b: &Backend,
    who: &Person,
    guard_id: &GuardId,
    op_code: &OpCode,
    about: &Description,
) -> Result<GuardInfo> {
    require(who, &[Role::Owner])?;
    let code = match try_code(b, who, guard_id, Some(op_code)).await? {
        (CodeCheck::Match, Some(code)) => code,
        (CodeCheck::Unknown, _) => return Err(Refusal::field("guardId", Problem::Unknown)),
        (CodeCheck::NoCode, _) => return Err(Refusal::field("opCode", Problem::Unknown)),
        _ => return Err(Refusal::field("opCode", Problem::Contradicts)),
    };
    let now = b.now();
    let [first, second] = [fresh_default(b, guard_id, 1)?, fresh_default(b, guard_id, 2)?];
    let mut tx = b.db().begin().await?;
    // Nobody's guard, and still the code that was tried: of two who add it at once, one does.
    let added = tx
        .execute(sql!(
        "UPDATE guards SET owner = $3, owned_since = $4, name = $5, location = $6, comment = $7, default_password1 = $8,
             default_password2 = $9, version = version + 1, settings_version = version + 1
             WHERE guard_id = $1 AND op_code = $2 AND owner IS NULL",
        guard_id.as_str(),
        code,
        who.phone.as_str(),
        now.0,
        about.name.as_str(),
        about.location.as_str(),
        about.comment.as_str(),
        first,
        second,
    ))
        .await?;
    if added == 0 {
        return Err(Refusal::field("guardId", Problem::Taken));
    }
    begin_ownership(&mut tx, guard_id, &who.phone, now).await?;
    tx.commit().await?;
    tell(b, guard_id, &who.phone);
    get(b, who, guard_id).await
}

fn fresh_default(b: &Backend, guard_id: &GuardId, number: usize) -> Result<String> {
    let digits = random_digits(b.rng(), DEFAULT_PASSWORD_DIGITS);
    let context = default_password_context(guard_id, number);
    b.keys().seal(b.rng(), &context, digits.as_bytes())
}

async fn begin_ownership(tx: &mut Tx, guard_id: &GuardId, owner: &Phone, now: Millis) -> Result<()> {
    // Written before it is relied on: the number may have been given to somebody else since this person was let in.
    let owners = tx
        .execute(sql!("UPDATE owners SET epoch = epoch WHERE phone = $1", owner.as_str()))
        .await?;
    if owners == 0 {
        return Err(Refusal::NotSignedIn);
    }
    // Added again within the millisecond of a deletion: the shorter ownership gives way.
    tx.execute(sql!(
        "INSERT INTO ownerships (guard_id, since, owner) VALUES ($1, $2, $3)
         ON CONFLICT (guard_id, since) DO UPDATE SET owner = excluded.owner, until = NULL",
        guard_id.as_str(),
        now.0,
        owner.as_str()
    ))
    .await?;
    tx.execute(sql!(
        "INSERT INTO owner_guards (owner, guard_id) VALUES ($1, $2) ON CONFLICT (owner, guard_id) DO NOTHING",
        owner.as_str(),
        guard_id.as_str()
    ))
    .await?;
    Ok(())
}

/// Changes what a guard is called and where it is (sign 9). Its owner only.
#[crate::boxed]
pub async fn edit(b: &Backend, who: &Person, guard_id: &GuardId, about: &Description) -> Result<GuardInfo> {
    let (guard, _) = edit_seen(b, who, guard_id, None, about).await?;
    Ok(guard)
}

/// The same, as long as it is what its owner saw (`was`; `None`: whatever it is). Returns the guard as it is, and whether that is what was asked
/// for: `false` where it was changed elsewhere since.
#[crate::boxed]
pub async fn edit_seen(
    b: &Backend,
    who: &Person,
    guard_id: &GuardId,
    was: Option<&Description>,
    about: &Description,
) -> Result<(GuardInfo, bool)> {
    require(who, &[Role::Owner])?;
    let edited = b
        .db()
        .execute(sql!(
            "UPDATE guards SET name = $3, location = $4, comment = $5
             WHERE guard_id = $1 AND owner = $2
               AND name = COALESCE($6, name) AND location = COALESCE($7, location) AND comment = COALESCE($8, comment)",
            guard_id.as_str(),
            who.phone.as_str(),
            about.name.as_str(),
            about.location.as_str(),
            about.comment.as_str(),
            was.map(|was| was.name.as_str()),
            was.map(|was| was.location.as_str()),
            was.map(|was| was.comment.as_str())
        ))
        .await?;
    if edited == 0 {
        // Those above read it, and may not change it.
        let guard = get(b, who, guard_id).await.ok();
        let Some(guard) = guard.filter(|guard| guard.owner == who.phone) else {
            return Err(why_not_theirs(b, guard_id).await);
        };
        let as_asked = (&guard.name, &guard.location, &guard.comment) == (&about.name, &about.location, &about.comment);
        return Ok((guard, as_asked));
    }
    b.hub().publish(&who.phone, Live::GuardChanged);
    Ok((get(b, who, guard_id).await?, true))
}

/// Deletes a guard from its owner (sign 10): its grants end and the device is told, its records stay.
#[crate::boxed]
pub async fn delete(b: &Backend, who: &Person, guard_id: &GuardId) -> Result<()> {
    require(who, &[Role::Owner])?;
    let mut tx = b.db().begin().await?;
    if !release_within(b, &mut tx, guard_id, &who.phone).await? {
        tx.rollback().await?;
        return Err(why_not_theirs(b, guard_id).await);
    }
    tx.commit().await?;
    tell(b, guard_id, &who.phone);
    Ok(())
}

/// Takes a guard from its owner: see [`delete`]. False where it is not theirs. [`tell`] is for the time after the commit.
pub(crate) async fn release_within(b: &Backend, tx: &mut Tx, guard_id: &GuardId, owner: &Phone) -> Result<bool> {
    let now = b.now();
    let row: Option<Option<i64>> = tx
        .optional(sql!(
            "SELECT owned_since FROM guards WHERE guard_id = $1 AND owner = $2",
            guard_id.as_str(),
            owner.as_str()
        ))
        .await?;
    let released: Option<i64> = tx
        .optional(sql!(
            "UPDATE guards SET owner = NULL, owned_since = NULL, name = '', location = '', comment = '',
             default_password1 = NULL, default_password2 = NULL, version = version + 1, settings_version = version + 1
         WHERE guard_id = $1 AND owner = $2 AND owned_since = $3 RETURNING version",
            guard_id.as_str(),
            owner.as_str(),
            row.flatten()
        ))
        .await?;
    let (Some(Some(since)), Some(version)) = (row, released) else {
        return Ok(false);
    };
    super::grants::end_all(tx, guard_id, version, now).await?;
    end_ownership(tx, guard_id, owner, Millis(since), now).await?;
    Ok(true)
}

async fn end_ownership(tx: &mut Tx, guard_id: &GuardId, owner: &Phone, since: Millis, now: Millis) -> Result<()> {
    tx.execute(sql!(
        "UPDATE ownerships SET until = $3 WHERE guard_id = $1 AND since = $2",
        guard_id.as_str(),
        since.0,
        now.0
    ))
    .await?;
    tx.execute(sql!(
        "DELETE FROM owner_guards WHERE owner = $1 AND guard_id = $2",
        owner.as_str(),
        guard_id.as_str()
    ))
    .await?;
    Ok(())
}

/// Wakes the guard's link and the pages that show it.
pub(crate) fn tell(b: &Backend, guard_id: &GuardId, owner: &Phone) {
    b.hub().changed(guard_id);
    b.hub().publish(owner, Live::GuardChanged);
}

/// Why somebody cannot change a guard that is not theirs.
pub(crate) async fn why_not_theirs(b: &Backend, guard_id: &GuardId) -> Refusal {
    match current_owner(b, guard_id).await {
        Ok(Some(_)) => Refusal::NotYours,
        Ok(None) => Refusal::Unknown,
        Err(refusal) => refusal,
    }
}

/// Somebody's guards with the node in the row of each, in the order of their bar codes (sign 11).
pub(crate) async fn nodes(b: &Backend, who: &Person, of: &Phone) -> Result<Vec<(GuardId, Option<String>)>> {
    readable(b, who, of).await?;
    let mut all = rows::nodes(b, of).await?;
    all.sort_unstable();
    Ok(all)
}

/// Somebody's guards, in the order they were added. Default passwords are for the owner only.
#[crate::boxed]
pub async fn list(b: &Backend, who: &Person, of: &Phone) -> Result<Vec<GuardInfo>> {
    readable(b, who, of).await?;
    in_order(b, of, who.phone == *of).await
}

async fn in_order(b: &Backend, owner: &Phone, with_passwords: bool) -> Result<Vec<GuardInfo>> {
    let mut all = rows::of_owner(b, owner, with_passwords).await?;
    all.sort_by(|a, b| (a.owned_since, &a.id).cmp(&(b.owned_since, &b.id)));
    Ok(all)
}

/// What sign 12 tells of a guard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedGuard {
    /// `guardId`: its bar code.
    pub id: GuardId,
    /// `guardName`, given by its owner.
    pub name: GuardName,
    /// `guardLocation`.
    pub location: GuardLocation,
    /// `guardComment`.
    pub comment: GuardComment,
    /// `guardStatus`: whether it is connected and works.
    pub status: GuardStatus,
    /// `defaultPassword1` and `defaultPassword2`; `None` for those above its owner.
    pub default_passwords: [Option<DoorPassword>; 2],
}

impl From<GuardInfo> for ListedGuard {
    fn from(guard: GuardInfo) -> Self {
        Self {
            id: guard.id,
            name: guard.name,
            location: guard.location,
            comment: guard.comment,
            status: guard.status,
            default_passwords: guard.default_passwords,
        }
    }
}

/// [`list`] with what sign 12 tells of each: programs of owners ask for it all day.
#[crate::boxed]
pub async fn listed(b: &Backend, who: &Person, of: &Phone) -> Result<Vec<ListedGuard>> {
    readable(b, who, of).await?;
    let with_passwords = who.phone == *of;
    if let Some(all) = rows::listed_at_once(b, of, with_passwords).await? {
        return Ok(all);
    }
    let all = in_order(b, of, with_passwords).await?;
    Ok(all.into_iter().map(ListedGuard::from).collect())
}

/// One guard, for its owner and those above.
#[crate::boxed]
pub async fn get(b: &Backend, who: &Person, guard_id: &GuardId) -> Result<GuardInfo> {
    require(who, &[Role::Owner])?;
    let mut info = rows::of_id(b, guard_id, true).await?.ok_or(Refusal::Unknown)?;
    readable(b, who, &info.owner).await?;
    if info.owner != who.phone {
        info.default_passwords = [None, None];
    }
    Ok(info)
}

/// The guard, if it is `of`'s and `who` may see what `of` has.
pub(crate) async fn get_of(b: &Backend, who: &Person, of: &Phone, guard_id: &GuardId) -> Result<GuardInfo> {
    readable(b, who, of).await?;
    match rows::of_id(b, guard_id, who.phone == *of).await? {
        Some(info) if info.owner == *of => Ok(info),
        Some(_) => Err(Refusal::NotYours),
        None => Err(Refusal::Unknown),
    }
}

//! Which node holds whom (signs 1, 3, 5, 11; SPEC 4.5). What is answered is where somebody is sent; any node serves them.

use super::{guards, owners};
use crate::cluster::nodes::{self, Home, Of};
use crate::identity::{limits, people};
use crate::{Backend, Result};
use domain::error::Refusal;
use domain::guard::ids::GuardId;
use domain::ids::Phone;
use domain::nodes::Host;
use domain::people::Person;

/// Questions anybody may ask, within the window.
const QUESTIONS_ABOUT_A_NUMBER: u32 = 60;
const QUESTIONS_OF_AN_ADDRESS: u32 = 600;
const WINDOW_MS: i64 = 5 * 60 * 1000;

/// Where a caller is.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    /// Its address, as limits count it.
    pub address: &'a str,
    /// The host by which it reached this node, which is the answer where no other is configured.
    pub reached: &'a str,
}

/// The bare host a home is reached by: no scheme, no port. Where no process is a node, or the node has no host of its own, it is this
/// node's, or else the one the caller used.
fn host(b: &Backend, home: Option<Home>, reached: &str) -> String {
    let of_this_node = || nodes::own_host(b).cloned();
    let host = match home {
        Some(home) => home.host,
        None => of_this_node(),
    };
    let host = host.or_else(|| Host::parse(reached));
    host.map(|host| host.bare().to_owned()).unwrap_or_default()
}

/// The node a new owner will live on (sign 1); [`Refusal::Exists`] when the number is known already.
pub async fn allocate_owner(b: &Backend, from: Caller<'_>, phone: &Phone) -> Result<String> {
    count(b, from, phone).await?;
    match people::get(b, phone).await? {
        None => Ok(host(b, nodes::choice(b, phone.as_str()).await?, from.reached)),
        Some(_) => Err(Refusal::Exists),
    }
}

/// The node an owner lives on (sign 3).
pub async fn owner_host(b: &Backend, from: Caller<'_>, phone: &Phone) -> Result<String> {
    count(b, from, phone).await?;
    if !owners::exists(b, phone).await? {
        return Err(Refusal::Unknown);
    }
    let node = owners::node(b, phone).await?;
    one(b, Of::Owner, phone.as_str(), node, from.reached).await
}

/// The node a guard lives on (sign 5); [`Refusal::Unknown`] for one that never connected.
#[crate::boxed]
pub async fn guard_host(b: &Backend, who: &Person, reached: &str, guard_id: &GuardId) -> Result<String> {
    let node = guards::node(b, who, guard_id).await?.ok_or(Refusal::Unknown)?;
    one(b, Of::Guard, guard_id.as_str(), node, reached).await
}

async fn one(b: &Backend, of: Of, key: &str, node: Option<String>, reached: &str) -> Result<String> {
    let homes = nodes::settle(b, of, vec![(key.to_owned(), node)]).await?;
    Ok(host(b, homes.into_iter().next().flatten(), reached))
}

/// The nodes of all their guards (sign 11).
#[crate::boxed]
pub async fn guard_hosts(b: &Backend, who: &Person, reached: &str) -> Result<Vec<(GuardId, String)>> {
    let (ids, at): (Vec<GuardId>, Vec<Option<String>>) = guards::nodes(b, who, &who.phone).await?.into_iter().unzip();
    let rows = ids.iter().map(|id| id.as_str().to_owned()).zip(at).collect();
    let homes = nodes::settle(b, Of::Guard, rows).await?;
    let hosts = homes.into_iter().map(|home| host(b, home, reached));
    Ok(ids.into_iter().zip(hosts).collect())
}

async fn count(b: &Backend, from: Caller<'_>, phone: &Phone) -> Result<()> {
    let by_address = format!("directory/address/{}", from.address);
    limits::count(b, &by_address, QUESTIONS_OF_AN_ADDRESS, WINDOW_MS).await?;
    // By caller, so that nobody makes the directory refuse somebody else's number.
    let by_caller = format!("directory/caller/{phone}/{}", from.address);
    limits::count(b, &by_caller, QUESTIONS_ABOUT_A_NUMBER, WINDOW_MS).await
}

//! Which node holds whom (signs 1, 3, 5, 11; SPEC 4.5). There is one node: this one.

use super::{guards, owners};
use crate::{Backend, Result, limits, people};
use domain::error::Refusal;
use domain::guard::ids::GuardId;
use domain::ids::Phone;
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

/// The bare host of this node: no scheme, no port.
pub fn host(b: &Backend, reached: &str) -> String {
    bare_host(b.advertise().unwrap_or(reached)).to_owned()
}

/// Cuts off scheme, path and port.
fn bare_host(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let rest = rest.split('/').next().unwrap_or(rest);
    let end_of_brackets = rest.rfind(']').unwrap_or(0);
    match rest.rfind(':') {
        // Without brackets several colons are an address of IPv6 and no port.
        Some(colon) if colon > end_of_brackets && (end_of_brackets > 0 || rest.matches(':').count() == 1) => {
            &rest[..colon]
        }
        _ => rest,
    }
}

/// The node a new owner will live on (sign 1); [`Refusal::Exists`] when the number is known already.
pub async fn allocate_owner(b: &Backend, from: Caller<'_>, phone: &Phone) -> Result<String> {
    count(b, from, phone).await?;
    match people::get(b, phone).await? {
        None => Ok(host(b, from.reached)),
        Some(_) => Err(Refusal::Exists),
    }
}

/// The node an owner lives on (sign 3).
pub async fn owner_host(b: &Backend, from: Caller<'_>, phone: &Phone) -> Result<String> {
    count(b, from, phone).await?;
    if owners::exists(b, phone).await? {
        Ok(host(b, from.reached))
    } else {
        Err(Refusal::Unknown)
    }
}

/// The node a guard lives on (sign 5); [`Refusal::Unknown`] for one that never connected.
pub async fn guard_host(b: &Backend, who: &Person, reached: &str, guard_id: &GuardId) -> Result<String> {
    if guards::ever_connected(b, who, guard_id).await? {
        Ok(host(b, reached))
    } else {
        Err(Refusal::Unknown)
    }
}

/// The nodes of all their guards (sign 11).
pub async fn guard_hosts(b: &Backend, who: &Person, reached: &str) -> Result<Vec<(GuardId, String)>> {
    let host = host(b, reached);
    let ids = guards::ids(b, who, &who.phone).await?;
    Ok(ids.into_iter().map(|id| (id, host.clone())).collect())
}

async fn count(b: &Backend, from: Caller<'_>, phone: &Phone) -> Result<()> {
    let by_address = format!("directory/address/{}", from.address);
    limits::count(b, &by_address, QUESTIONS_OF_AN_ADDRESS, WINDOW_MS).await?;
    limits::count(
        b,
        &format!("directory/number/{phone}"),
        QUESTIONS_ABOUT_A_NUMBER,
        WINDOW_MS,
    )
    .await
}

#[cfg(test)]
mod tests {
    use super::bare_host;

    #[test]
    fn scheme_and_port_are_cut_off() {
        for (given, host) in [
            ("locker.example", "locker.example"),
            ("locker.example:3000", "locker.example"),
            ("https://locker.example:2017/x", "locker.example"),
            ("192.0.2.7:2017", "192.0.2.7"),
            ("[2001:db8::1]:2017", "[2001:db8::1]"),
            ("[2001:db8::1]", "[2001:db8::1]"),
            ("2001:db8::1", "2001:db8::1"),
            ("", ""),
        ] {
            assert_eq!(bare_host(given), host, "{given}");
        }
    }
}

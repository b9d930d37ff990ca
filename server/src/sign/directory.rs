//! Signs 1, 3, 5 and 11: which node holds whom.

use super::who::Caller;
use backend::Result;
use backend::guard::directory;
use domain::guard::ids::GuardId;
use domain::guard::messages::directory::{GuardNode, GuardNodeRow, GuardNodes, OwnerNode};
use domain::guard::messages::{Plain, Reply};
use domain::ids::Phone;
use domain::people::Person;

pub(super) async fn allocate_owner(caller: &Caller<'_>, phone: &Phone) -> Result<Reply> {
    let owner_ip = directory::allocate_owner(caller.backend, caller.asks(), phone).await?;
    let result = Plain::Done;
    Ok(Reply::AllocateOwner(OwnerNode { result, owner_ip }))
}

pub(super) async fn locate_owner(caller: &Caller<'_>, phone: &Phone) -> Result<Reply> {
    let owner_ip = directory::owner_host(caller.backend, caller.asks(), phone).await?;
    let result = Plain::Done;
    Ok(Reply::LocateOwner(OwnerNode { result, owner_ip }))
}

pub(super) async fn locate_guard(caller: &Caller<'_>, who: &Person, guard_id: &GuardId) -> Result<Reply> {
    let guard_ip = directory::guard_host(caller.backend, who, caller.reached, guard_id).await?;
    let result = Plain::Done;
    Ok(Reply::LocateGuard(GuardNode { result, guard_ip }))
}

pub(super) async fn locate_guards(caller: &Caller<'_>, who: &Person) -> Result<Reply> {
    let hosts = directory::guard_hosts(caller.backend, who, caller.reached).await?;
    let rows = hosts
        .into_iter()
        .map(|(guard_id, guard_ip)| GuardNodeRow { guard_id, guard_ip });
    Ok(Reply::LocateGuards(GuardNodes {
        result: Plain::Done,
        guard_ip_list: rows.collect(),
    }))
}

//! The directory: which node holds whom (signs 1, 3, 5, 11). An address in a reply is a bare host, without scheme and port (SPEC 4.1).

use super::fields::{AnyGuardId, requests};
use super::reply::{Plain, answers};
use crate::guard::ids::GuardId;
use crate::guard::times::LocalSecond;
use serde::Serialize;

requests! {
    /// Allocates the node a new owner will live on (guard-seed, sign 1).
    AllocateOwner {
        /// `timetag`, 14 digits: the client's local time.
        timetag: LocalSecond = "timetag",
    }

    /// Asks for the node an owner lives on (guard-seed, sign 3).
    LocateOwner {}

    /// Asks for the node a guard lives on (guard-seed, sign 5).
    LocateGuard {
        /// `guardId`, a text: the guard.
        guard_id: GuardId = "guardId" as AnyGuardId,
    }

    /// Asks for the nodes of all guards of an owner (guard-seed, sign 11).
    LocateGuards {}
}

answers! {
    OwnerNode { result: Plain::Failed, owner_ip: String::new() }
    GuardNode { result: Plain::Failed, guard_ip: String::new() }
    GuardNodes { result: Plain::Failed, guard_ip_list: Vec::new() }
}

/// Answers [`AllocateOwner`] and [`LocateOwner`] (guard-seed, signs 1 and 3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct OwnerNode {
    /// `result`.
    pub result: Plain,
    /// `ownerIp`, the host; empty with result 1.
    pub owner_ip: String,
}

/// Answers [`LocateGuard`] (guard-seed, sign 5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct GuardNode {
    /// `result`; 1: the device never connected.
    pub result: Plain,
    /// `guardIp`, the host; empty with result 1.
    pub guard_ip: String,
}

/// Answers [`LocateGuards`] (guard-seed, sign 11).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct GuardNodes {
    /// `result`.
    pub result: Plain,
    /// `guardIpList`.
    pub guard_ip_list: Vec<GuardNodeRow>,
}

/// One guard of [`GuardNodes`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct GuardNodeRow {
    /// `guardId`.
    pub guard_id: GuardId,
    /// `guardIp`, the host.
    pub guard_ip: String,
}

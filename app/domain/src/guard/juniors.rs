//! Owners below an owner.

use crate::guard::grades::Grade;
use crate::ids::Phone;

/// Somebody directly below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Junior {
    /// Who.
    pub phone: Phone,
    /// How they are called.
    pub name: String,
    /// Their grade.
    pub grade: Grade,
    /// They agreed to their direct superior, who may read what is theirs.
    pub reads: bool,
}

/// An owner with everybody below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    /// Who stands here.
    pub owner: Junior,
    /// Directly below, in the order they were added.
    pub juniors: Vec<Tree>,
}

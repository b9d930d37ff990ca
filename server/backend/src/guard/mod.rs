//! The guard half: owners, their doors and juniors, who may open what, and what happened.

pub mod access;
pub mod directory;
pub mod juniors;
pub mod owners;

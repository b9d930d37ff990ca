//! People and their roles.

use crate::ids::{BusinessName, Millis, Phone};
use serde::{Deserialize, Serialize};

/// What a person may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub enum Role {
    /// Runs the deployment: people, businesses, kiosks, orders.
    Operator,
    /// 직원: deposits meters, carries data between kiosks and server.
    Staff,
    /// A user of a business (업체): fetches its own meters.
    Business,
    /// 用户: owns guards.
    Owner,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Operator, Self::Staff, Self::Business, Self::Owner];

    /// As stored and as on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Staff => "staff",
            Self::Business => "business",
            Self::Owner => "owner",
        }
    }

    /// The inverse of [`Role::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// The page this role starts on.
    pub fn home(self) -> &'static str {
        match self {
            Self::Operator => "/operator",
            Self::Staff => "/staff",
            Self::Business => "/business",
            Self::Owner => "/owner",
        }
    }
}

/// A person who may sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Their key.
    pub phone: Phone,
    /// How they are called.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The business a business user belongs to; `None` for every other role.
    pub business: Option<BusinessName>,
    /// False: may not sign in (any more).
    pub active: bool,
}

/// That a number was reassigned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reassigned {
    /// When.
    pub at: Millis,
    /// The operator; `None`: by a command on the machine.
    pub by: Option<Phone>,
}

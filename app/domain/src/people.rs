//! People and their roles.

use crate::ids::{BusinessName, Millis, Phone};
use serde::{Deserialize, Serialize};

/// Each role: its name as stored and in addresses, and for how many hours its people stay signed in.
macro_rules! roles {
    ($($(#[$about:meta])* $role:ident $name:literal, $hours:literal hours;)+) => {
        /// What a person may do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "lowercase")]
        #[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
        pub enum Role {
            $($(#[$about])* $role,)+
        }

        impl Role {
            /// Every role.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$role),+];

            /// As stored and as on the command line.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$role => $name,)+
                }
            }

            /// The page this role starts on; its other pages are below it.
            pub const fn home(self) -> &'static str {
                match self {
                    $(Self::$role => concat!("/", $name),)+
                }
            }

            /// The paths of the server functions that only this role may call begin with it.
            pub const fn calls(self) -> &'static str {
                match self {
                    $(Self::$role => concat!("/do/", $name, "/"),)+
                }
            }

            /// How many hours a session lasts at most, however much it is used.
            pub const fn session_hours(self) -> i64 {
                match self {
                    $(Self::$role => $hours,)+
                }
            }
        }
    };
}

// People of ours sign in every day; owners, who use their own phones, every month.
roles! {
    /// Runs the deployment: people, businesses, kiosks, orders.
    Operator "operator", 12 hours;
    /// 직원: deposits meters, carries data between kiosks and server.
    Staff "staff", 12 hours;
    /// A user of a business (업체): fetches its own meters.
    Business "business", 12 hours;
    /// 用户: owns guards.
    Owner "owner", 720 hours;
}

impl Role {
    /// The inverse of [`Role::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// All of them in a sentence: `operator, staff, business or owner`.
    pub fn names() -> String {
        let names = Self::ALL.map(Self::as_str);
        match names.split_last() {
            Some((last, others)) => format!("{} or {last}", others.join(", ")),
            None => String::new(),
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

//! Who may call which server functions: closed to everybody unless listed here.

use domain::error::Refusal;
use domain::people::{Person, Role};

/// Who a door is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Signed in or not.
    Anyone,
    /// Everybody who is signed in.
    SignedIn,
    /// People of this role.
    Only(Role),
}

/// The functions that anybody may call, each by its name.
pub const PUBLIC: [&str; 8] = [
    "/do/anyone/sign-in",
    "/do/anyone/sign-out",
    "/do/anyone/choose-language",
    "/do/anyone/ask-registration-code",
    "/do/anyone/register",
    "/do/anyone/ask-reset-code",
    "/do/anyone/reset-password",
    "/do/anyone/set-up",
];

/// The paths of the functions that everybody may call who is signed in begin with it; those of a role begin with [`Role::calls`]. A function below
/// neither cannot be called.
pub const SIGNED_IN: &str = "/do/account/";

/// Where the addresses of all functions begin, also of those that are not there.
pub const CALLS: &str = "/do/";

/// The door of a function with this path.
pub fn door(path: &str) -> Option<Door> {
    if PUBLIC.contains(&path) {
        return Some(Door::Anyone);
    }
    if path.starts_with(SIGNED_IN) {
        return Some(Door::SignedIn);
    }
    let mut roles = Role::ALL.into_iter();
    roles.find(|role| path.starts_with(role.calls())).map(Door::Only)
}

impl Door {
    /// May this person call what is behind it?
    pub fn opens(self, person: Option<&Person>) -> Result<(), Refusal> {
        match (self, person) {
            (Self::Anyone, _) | (Self::SignedIn, Some(_)) => Ok(()),
            (Self::Only(role), Some(person)) if person.role == role => Ok(()),
            (Self::Only(_), Some(_)) => Err(Refusal::NotYours),
            (Self::SignedIn | Self::Only(_), None) => Err(Refusal::NotSignedIn),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::Phone;

    #[test]
    fn a_door_opens_for_its_role_alone() {
        for role in Role::ALL {
            let person = Person {
                phone: Phone("01000000001".to_owned()),
                name: "Kim".to_owned(),
                role,
                business: None,
                active: true,
            };
            for other in Role::ALL {
                let path = format!("{}x", other.calls());
                let door = door(&path).unwrap();
                let expected = if role == other { Ok(()) } else { Err(Refusal::NotYours) };
                assert_eq!(door.opens(Some(&person)), expected, "{path}");
                assert_eq!(door.opens(None), Err(Refusal::NotSignedIn), "{path}");
            }
            assert_eq!(Door::SignedIn.opens(Some(&person)), Ok(()));
        }
        assert_eq!(Door::SignedIn.opens(None), Err(Refusal::NotSignedIn));
        assert_eq!(Door::Anyone.opens(None), Ok(()));
        assert_eq!(door(PUBLIC[0]), Some(Door::Anyone));
        for path in [
            "/do/x",
            "/do/anyone/x",
            "/do/anyone/sign-in/x",
            "/do/stafford/x",
            "/api/staff/x",
            "",
            "/staff",
        ] {
            assert_eq!(door(path), None, "{path}");
        }
    }
}

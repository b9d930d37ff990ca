//! Sample data (SPEC 5).

use crate::{Backend, Result};
use domain::error::Refusal;
use domain::people::Role;

/// The password of everybody in the sample data.
pub const PASSWORD: &str = "latchkey-demo";

/// The staff PIN of both kiosks in the sample data.
pub const PIN: &str = "2580";

/// The people of the sample data: phone number, role, name, business.
pub const PEOPLE: [(&str, Role, &str, Option<&str>); 8] = [
    ("01000000001", Role::Operator, "박지훈", None),
    ("01000000002", Role::Staff, "김서연", None),
    ("01000000003", Role::Staff, "이도윤", None),
    ("01000000004", Role::Business, "최민수", Some("한빛전기")),
    ("01000000005", Role::Business, "정하은", Some("대성전력")),
    ("13800000001", Role::Owner, "王建国", None),
    ("13800000002", Role::Owner, "李芳", None),
    ("13800000003", Role::Owner, "张伟", None),
];

/// Puts the sample data into an empty database; false when there was something in it already, which then stays as it is.
pub async fn load_if_empty(_b: &Backend) -> Result<bool> {
    Err(Refusal::Internal)
}

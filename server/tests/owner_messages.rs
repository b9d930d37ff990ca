//! Messages of one owner, with times as the zone of the server has them.

use crate::cluster_rig::ZHANG;
use backend::LocalZone;
use backend::clock::{Clock, SystemClock};
use domain::guard::times::{LocalMinute, LocalSecond};
use serde_json::{Value, json};

const HOUR: i64 = 3_600_000;

/// Local time as messages have it.
fn second(zone: &LocalZone) -> String {
    LocalSecond::from_millis(SystemClock.now(), zone).unwrap().to_string()
}

/// Zhang signs in, sign 4.
pub fn sign_in(zone: &LocalZone, password: &str, imei: &str) -> Value {
    json!({ "sign": 4, "ownerPhoneNumber": ZHANG, "ownerPassword": password, "imei": imei, "timetag": second(zone) })
}

/// Zhang adds a password that opens for some hours, sign 17.
pub fn password(zone: &LocalZone, token: &str, guard: &str, service_numb: &str, digits: &str) -> Value {
    let minute = |hours| {
        let at = SystemClock.now().plus(hours * HOUR);
        LocalMinute::from_millis(at, zone).unwrap().to_string()
    };
    json!({
        "sign": 17, "ownerPhoneNumber": ZHANG, "guardId": guard, "password": digits, "serviceNumb": service_numb,
        "startTime": minute(-1), "endTime": minute(3), "timetag": second(zone), "token": token,
    })
}

//! What `latchkey demo` prints: where to go and with which sign-ins.

use backend::locker::kiosks;
use backend::{Actor, Backend, demo};
use std::fmt::Write as _;

const PAGES: [(&str, &str); 7] = [
    ("/", "start, sign-in"),
    ("/staff", "staff phone: scan, orders, kiosks, clock code"),
    ("/business", "business phone: own orders, pick-up code"),
    ("/operator", "operator: people, businesses, kiosks, orders, guards"),
    ("/owner", "door owner: guards, passwords, cards, records"),
    ("/kiosk", "the cabinet's own screen"),
    ("/v1/openapi.json", "the interface for other programs"),
];

/// The text; makes a fresh enrolment code for every kiosk.
pub async fn greeting(backend: &Backend, address: &str) -> String {
    let mut text = String::from("\nLatchkey with sample data\n\n");
    for (path, what) in PAGES {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {:<44} {what}", format!("{address}{path}"));
    }
    let _ = writeln!(text, "\nSign-ins (password {} for all)\n", demo::PASSWORD);
    for (phone, role, name, business) in demo::PEOPLE {
        let business = business.map(|business| format!(" ({business})")).unwrap_or_default();
        let _ = writeln!(text, "  {phone}  {:<9} {name}{business}", role.as_str());
    }
    let _ = writeln!(text, "\nKiosks (staff PIN {})\n", demo::PIN);
    for kiosk in kiosks::list_all(backend, &Actor::Cli).await.unwrap_or_default() {
        let code = match kiosks::enrolment_code(backend, &Actor::Cli, kiosk.yid).await {
            Ok(code) => code.code,
            Err(refusal) => format!("none: {refusal}"),
        };
        let _ = writeln!(
            text,
            "  {}  enrolment code {code} (10 minutes; another: latchkey kiosk code --yid {})",
            kiosk.yid, kiosk.yid
        );
    }
    let _ = writeln!(text, "\nGuards (verification code, device key, owner)\n");
    for guard in demo::GUARDS {
        let _ = writeln!(
            text,
            "  {}  {}  {}  {}",
            guard.guard_id,
            guard.code,
            demo::device_key(guard.guard_id),
            guard.owner.unwrap_or("none: add it")
        );
    }
    text
}

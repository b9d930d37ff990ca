//! A form that is refused, beside the page it stands on: both draw the page once.

use crate::FEW_CONNECTIONS;
use crate::client::{Connection, Request, run_answered};
use crate::guards::{PASSWORD, add_owner};
use crate::report::Report;
use crate::world::Server;
use backend::{Backend, Config};
use std::time::Duration;

const OWNER: &str = "13800000077";
const PAGE: &str = "/owner/add-guard";
/// The two take turns this many times, so that whatever else the machine does meets both.
const TURNS: usize = 6;
const LASTS: Duration = Duration::from_millis(1_500);

/// The ratio the figure asks for.
pub async fn measure(report: &mut Report) {
    let data = tempfile::tempdir().unwrap();
    let b = Backend::open(Config::new(data.path(), None)).await.unwrap();
    add_owner(&b, OWNER).await;
    b.close().await;
    let mut server = Server::on(data.path());
    let mut connection = Connection::open(&server).await;
    let cookie = sign_in(&mut connection).await;
    let page = Request::get(PAGE).cookie(&cookie);
    let shown = connection.send(&page).await;
    assert_eq!(shown.status, 200);
    let form = filled(&String::from_utf8_lossy(&shown.body));
    let form = Request::form(PAGE, &form).cookie(&cookie);
    // Under load, as with every other figure: at rest the body of a form also wakes a second worker for nothing, which costs 30 µs.
    for connections in [1, FEW_CONNECTIONS] {
        let (mut plain, mut refused) = (Vec::new(), Vec::new());
        for _ in 0..TURNS {
            plain.push(
                run_answered(&server, connections, LASTS, 200, |_| page.clone())
                    .await
                    .cost_us,
            );
            refused.push(
                run_answered(&server, connections, LASTS, 422, |_| form.clone())
                    .await
                    .cost_us,
            );
        }
        let [plain, refused] = [plain, refused].map(|costs| costs.iter().sum::<f64>() / costs.len() as f64);
        eprintln!("{connections} at once: page {plain:.0} µs, refused form {refused:.0} µs");
        if connections == FEW_CONNECTIONS {
            report.times("a refused form beside its page, processor", 1.1, refused / plain);
        }
    }
    server.stop();
}

async fn sign_in(connection: &mut Connection) -> String {
    let form = format!("do=/do/anyone/sign-in&phone={OWNER}&password={PASSWORD}");
    let answer = connection.send(&Request::form("/sign-in", &form)).await;
    let cookie = answer.header("set-cookie").unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

/// The form as it is sent with nothing in it but a name: two fields are wrong.
fn filled(page: &str) -> String {
    let value = |name: &str| {
        let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
        rest.split_once('"').unwrap().0
    };
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("do", value("do")), ("once", value("once")), ("guard_name", "대문")])
        .extend_pairs([
            ("guard_id", ""),
            ("op_code", ""),
            ("guard_location", ""),
            ("guard_comment", ""),
        ])
        .finish()
}

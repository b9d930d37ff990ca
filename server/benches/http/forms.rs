//! A form that is refused, beside the page it stands on: both draw the page once.

use crate::client::{Connection, Request};
use crate::guards::{PASSWORD, add_owner};
use crate::report::{Report, cpu_seconds};
use crate::world::Server;
use backend::{Backend, Config};
use std::time::Duration;
use tokio::time::Instant;

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
    let (mut plain, mut refused) = (Cost::default(), Cost::default());
    for _ in 0..TURNS {
        plain.add(&server, &mut connection, &page, 200).await;
        refused.add(&server, &mut connection, &form, 422).await;
    }
    report.times(
        "a refused form beside its page, processor",
        1.1,
        refused.each() / plain.each(),
    );
    eprintln!(
        "page {:.0} µs, refused form {:.0} µs",
        plain.each() * 1e6,
        refused.each() * 1e6
    );
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

/// What requests of one kind cost the server's processors so far.
#[derive(Default)]
struct Cost {
    seconds: f64,
    requests: f64,
}

impl Cost {
    async fn add(&mut self, server: &Server, connection: &mut Connection, request: &Request, status: u16) {
        let (begun, used) = (Instant::now(), cpu_seconds(server.id()));
        while begun.elapsed() < LASTS {
            let answer = connection.send(request).await;
            assert_eq!(answer.status, status, "{}", String::from_utf8_lossy(&answer.body));
            self.requests += 1.0;
        }
        self.seconds += cpu_seconds(server.id()) - used;
    }

    fn each(&self) -> f64 {
        self.seconds / self.requests
    }
}

//! What the log says about a request: its id leads to what went wrong.

use crate::harness::{STAFF, World};
use axum::Router;
use axum::body::Body;
use axum::routing::get;
use domain::error::Refusal;
use http::Request;
use serde_json::json;
use server::edge;
use server::state::Transport;
use std::cell::RefCell;
use std::io;
use std::sync::{Arc, Mutex, Once};
use tower::ServiceExt;
use tracing_subscriber::filter::{FilterExt, dynamic_filter_fn};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, fmt};

/// The lines that were logged on this thread.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

thread_local! {
    static LISTENING: RefCell<Option<Lines>> = const { RefCell::new(None) };
}

/// Ends the listening of its thread.
struct Listening;

impl Drop for Listening {
    fn drop(&mut self) {
        LISTENING.take();
    }
}

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Lines {
    /// One subscriber serves all threads. With one a thread, whether a place logs is remembered for all by the thread that is there first: a test that listens to
    /// nothing can silence the place for this one.
    fn listen() -> (Self, Listening) {
        static SUBSCRIBER: Once = Once::new();
        SUBSCRIBER.call_once(|| {
            let lines = fmt::layer()
                .with_ansi(false)
                .with_writer(|| LISTENING.with_borrow(|lines| lines.clone().unwrap_or_default()));
            let listens = dynamic_filter_fn(|_, _| LISTENING.with_borrow(Option::is_some));
            let filter = EnvFilter::new("error,server=debug,backend=debug").and(listens);
            tracing_subscriber::registry().with(lines.with_filter(filter)).init();
        });
        let lines = Self::default();
        LISTENING.set(Some(lines.clone()));
        (lines, Listening)
    }

    /// Those that belong to this request.
    fn of(&self, id: &str) -> Vec<String> {
        assert_eq!(id.len(), 32);
        let all = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        all.lines()
            .filter(|line| line.contains(id))
            .map(str::to_owned)
            .collect()
    }
}

fn any(lines: &[String], parts: &[&str]) -> bool {
    lines.iter().any(|line| parts.iter().all(|part| line.contains(part)))
}

#[tokio::test]
async fn the_id_of_a_request_leads_to_its_route_role_and_cause() {
    let (lines, _listening) = Lines::listen();
    let world = World::on_sqlite().await;
    let (cookie, bearer) = (world.cookie(STAFF).await, world.bearer(STAFF).await);
    let orders = world.get("/v1/Orders").bearer(&bearer).send().await;
    let answered = lines.of(orders.header("x-request-id"));
    assert!(
        any(
            &answered,
            &["method=GET", "route=\"/v1/Orders\"", "role=\"staff\"", "status=200"]
        ),
        "{answered:?}"
    );
    let page = world.get("/staff/orders").cookie(&cookie).send().await;
    let answered = lines.of(page.header("x-request-id"));
    assert!(
        any(&answered, &["route=\"/staff/orders\"", "role=\"staff\""]),
        "{answered:?}"
    );

    world.execute("ALTER TABLE people RENAME TO elsewhere").await;
    let login = json!({ "phoneNumber": STAFF, "password": "x" });
    let failed = world.post("/v1/Login").json(&login).open().await;
    assert_eq!(failed.status(), 500);
    let logged = lines.of(failed.headers()["x-request-id"].to_str().unwrap());
    assert!(any(&logged, &["ERROR", "no such table: people"]), "{logged:?}");
    assert!(any(&logged, &["ERROR", "failed", "status=500"]), "{logged:?}");
    world.execute("ALTER TABLE orders RENAME TO elsewhere_too").await;
    let page = world.get("/staff/orders").cookie(&cookie).send().await;
    assert_eq!(page.status, 500);
    let id = page.header("x-request-id");
    assert!(page.text().contains(id) && !page.text().contains("no such table"));
    let logged = lines.of(id);
    assert!(any(&logged, &["ERROR", "no such table: orders"]), "{logged:?}");
}

#[tokio::test]
async fn the_id_of_a_panic_leads_to_its_cause() {
    let (lines, _listening) = Lines::listen();
    let world = World::on_sqlite().await;
    let routes = Router::new().route("/fails/{who}", get(fails));
    let service = edge::around(routes, &world.state, Transport::Plain);
    let request = Request::get("/fails/01099998888").header("host", "latchkey.test");
    let answer = service.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let logged = lines.of(answer.headers()["x-request-id"].to_str().unwrap());
    assert!(
        any(&logged, &["ERROR", "route=\"/fails/{who}\"", "provoked by a test"]),
        "{logged:?}"
    );
    assert!(!any(&logged, &["01099998888"]), "{logged:?}");
}

async fn fails() -> &'static str {
    panic!("provoked by a test")
}

#[tokio::test]
async fn what_a_job_still_asks_of_a_database_that_was_closed_on_purpose_is_no_warning() {
    let (lines, _listening) = Lines::listen();
    let world = World::on_sqlite().await;
    world.backend.close().await;
    assert_eq!(world.backend.sweep().await, Err(Refusal::Unavailable));
    let all = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    let warned: Vec<&str> = all
        .lines()
        .filter(|line| line.contains("WARN") || line.contains("ERROR"))
        .collect();
    assert!(warned.is_empty(), "{warned:?}");
}

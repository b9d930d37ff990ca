//! Where a request comes from, and whether it came over TLS, behind a proxy and without one.

use crate::harness::{Answer, OWNER, PASSWORD, SIGN_IN, STAFF, World};
use server::edge::Edge;
use server::edge::address::{TrustedProxies, network};
use server::edge::counters::Count;

on_every_engine! {
    behind_a_trusted_proxy_one_client_locks_out_nobody_else,
    an_untrusted_peer_cannot_choose_its_address,
    a_trusted_proxy_says_that_the_client_has_tls,
    the_public_address_says_that_the_client_has_tls,
    without_tls_nothing_is_for_tls_only,
    a_form_is_taken_from_the_public_address_when_the_proxy_drops_the_port,
}

const PROXY: &str = "10.9.8.7";

fn trust(edge: &mut Edge) {
    edge.believed.proxies = TrustedProxies::new(vec![network("10.0.0.0/8").unwrap()]);
}

async fn sign_in(world: &World, peer: &str, forwarded: &str, phone: &str, password: &str) -> u16 {
    let form = [SIGN_IN, ("phone", phone), ("password", password)];
    let ask = world.post("/sign-in").from(peer).header("x-forwarded-for", forwarded);
    ask.form(&form).send().await.status
}

async fn behind_a_trusted_proxy_one_client_locks_out_nobody_else(world: World) {
    let world = world.with_edge(trust);
    let mut last = 0;
    for number in 0..60 {
        let phone = format!("0109999{number:04}");
        last = sign_in(&world, PROXY, "192.0.2.1", &phone, "wrong pass").await;
    }
    assert_eq!(last, 429, "the one client is locked out");
    assert_eq!(sign_in(&world, PROXY, "192.0.2.2", STAFF, PASSWORD).await, 303);
    // What the client itself sends comes before what the proxy adds.
    assert_eq!(
        sign_in(&world, PROXY, "192.0.2.3, 192.0.2.1", OWNER, PASSWORD).await,
        429
    );
}

async fn an_untrusted_peer_cannot_choose_its_address(world: World) {
    let world = world.with_edge(trust);
    let mut last = 0;
    for number in 0..60 {
        let (phone, forwarded) = (format!("0109999{number:04}"), format!("192.0.2.{number}"));
        last = sign_in(&world, "198.51.100.9", &forwarded, &phone, "wrong pass").await;
    }
    assert_eq!(last, 429);
    assert_eq!(
        sign_in(&world, "198.51.100.9", "192.0.2.200", STAFF, PASSWORD).await,
        429
    );
    assert_eq!(sign_in(&world, PROXY, "192.0.2.200", STAFF, PASSWORD).await, 303);
}

/// What is set where the client has TLS.
fn is_for_tls_only(answer: &Answer) {
    let set: Vec<&str> = answer
        .headers
        .get_all("set-cookie")
        .iter()
        .map(|set| set.to_str().unwrap())
        .collect();
    assert!(
        set.iter().any(|cookie| cookie.starts_with("__Host-latchkey=")),
        "{set:?}"
    );
    assert!(set.iter().all(|cookie| cookie.contains("; Secure")), "{set:?}");
    assert_eq!(answer.header("strict-transport-security"), "max-age=31536000");
}

async fn a_trusted_proxy_says_that_the_client_has_tls(world: World) {
    let world = world.with_edge(trust);
    let form = [SIGN_IN, ("phone", STAFF), ("password", PASSWORD)];
    for header in [
        ("x-forwarded-proto", "https"),
        ("forwarded", "for=192.0.2.1;proto=https"),
    ] {
        let post = |path: &str| world.post(path).from(PROXY).header(header.0, header.1);
        let answer = post("/sign-in").form(&form).send().await;
        assert_eq!(answer.status, 303);
        is_for_tls_only(&answer);
        let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
        let page = world
            .get("/staff")
            .from(PROXY)
            .header(header.0, header.1)
            .cookie(&cookie);
        assert_eq!(page.send().await.status, 200);
        // Other cookies, and the removal of the session's.
        let language = post("/do/anyone/choose-language")
            .header("accept", "text/html")
            .cookie(&cookie)
            .form(&[("lang", "ko"), ("back", "/")])
            .send()
            .await;
        assert!(
            language.header("set-cookie").ends_with("; Secure"),
            "{}",
            language.header("set-cookie")
        );
        is_for_tls_only(&post("/do/anyone/sign-out").cookie(&cookie).form(&[]).send().await);
    }
    let untrusted = world
        .post("/sign-in")
        .from("198.51.100.9")
        .header("x-forwarded-proto", "https");
    let answer = untrusted.form(&form).send().await;
    assert!(
        answer.header("set-cookie").starts_with("latchkey="),
        "{}",
        answer.header("set-cookie")
    );
    assert_eq!(answer.header("strict-transport-security"), "");
}

async fn the_public_address_says_that_the_client_has_tls(world: World) {
    let world = world.with_edge(|edge| edge.believed.public_url = Some("https://latchkey.test".parse().unwrap()));
    let form = [SIGN_IN, ("phone", STAFF), ("password", PASSWORD)];
    is_for_tls_only(&world.post("/sign-in").form(&form).send().await);
    let direct = world.post("/sign-in").without("host").header("host", "127.0.0.1:3000");
    let answer = direct.form(&form).send().await;
    assert!(answer.header("set-cookie").starts_with("latchkey="));
}

async fn without_tls_nothing_is_for_tls_only(world: World) {
    let answer = world
        .post("/sign-in")
        .form(&[SIGN_IN, ("phone", STAFF), ("password", PASSWORD)])
        .send()
        .await;
    assert!(!answer.header("set-cookie").contains("Secure"));
    assert_eq!(answer.header("strict-transport-security"), "");
}

async fn a_form_is_taken_from_the_public_address_when_the_proxy_drops_the_port(world: World) {
    let form = [SIGN_IN, ("phone", STAFF), ("password", PASSWORD)];
    // The page is at port 8080, and the proxy sends `Host` without it.
    let send = async |world: &World| {
        let ask = world.post("/sign-in").header("origin", "http://latchkey.test:8080");
        ask.form(&form).send().await
    };
    let refused = send(&world).await;
    assert_eq!(refused.status, 403);
    assert!(refused.text().contains("--public-url"), "{}", refused.text());
    assert_eq!(world.state.edge.counters.get(Count::OtherSiteRefused), 1);
    let url = "http://latchkey.test:8080".parse().unwrap();
    let world = world.with_edge(|edge| edge.believed.public_url = Some(url));
    assert_eq!(send(&world).await.status, 303);
}

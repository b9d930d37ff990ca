//! The sample data is what SPEC 5 promises.

use backend::{
    Backend, Config, demo,
    locker::{kiosks, orders},
    people,
};
use domain::ids::Phone;
use domain::locker::orders::{OrderFilter, OrderStatus};

#[tokio::test]
async fn the_sample_data_has_orders_in_every_status_and_is_loaded_once() {
    let dir = tempfile::tempdir().unwrap();
    let b = Backend::open(Config::new(dir.path(), None)).await.unwrap();
    assert!(demo::load_if_empty(&b).await.unwrap());
    assert!(!demo::load_if_empty(&b).await.unwrap());
    let operator = people::get(&b, &Phone("01000000001".into())).await.unwrap().unwrap();
    for (status, expected) in [
        (OrderStatus::Received, 15),
        (OrderStatus::Ready, 15),
        (OrderStatus::Stored, 15),
        (OrderStatus::Done, 15),
    ] {
        let filter = OrderFilter {
            status: Some(status),
            limit: 200,
            ..OrderFilter::default()
        };
        assert_eq!(
            orders::search(&b, &operator, &filter).await.unwrap().rows.len(),
            expected,
            "{status:?}"
        );
    }
    let counts: Vec<_> = kiosks::list(&b, &operator)
        .await
        .unwrap()
        .iter()
        .map(|k| (k.yid.0, k.counts.total, k.counts.stored))
        .collect();
    assert_eq!(counts, [(1234, 16, 8), (1235, 64, 9)]);
    people::sign_in(&b, "010-0000-0004", demo::PASSWORD, "127.0.0.1")
        .await
        .unwrap();
}

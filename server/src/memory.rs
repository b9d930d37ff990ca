//! Memory that was freed goes back to the system, also while nothing happens.

use std::hint::black_box;
use std::time::Duration;
use tokio::time::sleep;

/// Longer than the allocator keeps what was freed, in case it is needed again: a second.
const EVERY: Duration = Duration::from_secs(5);
/// More than the allocator hands out of pages that it has already.
const LARGE: usize = 1 << 20;

/// The allocator looks for what it can give back when a page of memory is asked for or freed, and at no other time: a server at rest would keep the
/// 19 MiB of its last password hash. So one is asked for and freed, without being touched.
pub async fn give_back() {
    loop {
        sleep(EVERY).await;
        drop(black_box(Vec::<u8>::with_capacity(LARGE)));
    }
}

//! Every bound on what a client may hold or take, in one place. Tests make them short.

use std::time::Duration;

/// Descriptors kept for the database, the log and files: a socket is refused before the last of them is taken.
const LEAST_RESERVE: u64 = 64;
const MOST_RESERVE: u64 = 512;
/// Most sockets of one process, however many the system allows.
const MOST_CONNECTIONS: u64 = 40_000;
/// Most links of guards among them.
const MOST_LINKS: u64 = 20_000;

/// How long and how much.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// From the open socket to its first byte.
    pub first_byte_within: Duration,
    /// From the first byte of a request to the end of its head; a TLS handshake before it counts.
    pub head_within: Duration,
    /// A connection without a request under way is kept this long.
    pub idle_within: Duration,
    /// A connection that takes nothing of what is sent to it is kept this long.
    pub write_within: Duration,
    /// After this a connection ends as soon as no request is under way, and after twice this in any case.
    pub life: Duration,
    /// A body may pause this long in all, beyond what [`Self::body_bytes_per_second`] gives it.
    pub body_pause: Duration,
    /// The least rate of a body.
    pub body_bytes_per_second: u64,
    /// A body that is too large is read and dropped this long, so that a browser shows the answer.
    pub swallow_within: Duration,
    /// Largest head of an HTTP/1 request, in bytes.
    pub head_bytes: usize,
    /// Largest list of headers of an HTTP/2 request, in bytes.
    pub header_list_bytes: u32,
    /// Requests at the same time on one HTTP/2 connection.
    pub streams: u32,
    /// A silent HTTP/2 connection is asked this often whether its client is there.
    pub ping_every: Duration,
    /// The client answers within this.
    pub ping_within: Duration,
    /// Open sockets of all clients together, links included.
    pub connections: usize,
    /// Open sockets of one address (of IPv6: one /64) that are no link of an admitted guard.
    pub per_address: usize,
    /// Links of guards among [`Self::connections`].
    pub links: usize,
}

impl Bounds {
    /// For a process that may have this many descriptors open.
    pub fn for_descriptors(limit: u64) -> Self {
        let reserve = (limit / 4).clamp(LEAST_RESERVE, MOST_RESERVE);
        let connections = limit.saturating_sub(reserve).clamp(16, MOST_CONNECTIONS);
        // The other quarter is for people and programs, also while every guard there is wants in.
        let links = (connections / 4 * 3).min(MOST_LINKS);
        Self {
            connections: count_of(connections),
            per_address: count_of(connections / 4),
            links: count_of(links),
            ..Self::default()
        }
    }
}

impl Default for Bounds {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            first_byte_within: seconds(10),
            head_within: seconds(15),
            // Longer than the minute for which proxies keep a connection: they end it, and lose no request.
            idle_within: seconds(75),
            write_within: seconds(30),
            life: seconds(3_600),
            body_pause: seconds(10),
            body_bytes_per_second: 1_024,
            swallow_within: seconds(30),
            head_bytes: 64 << 10,
            header_list_bytes: 64 << 10,
            streams: 100,
            ping_every: seconds(20),
            ping_within: seconds(10),
            connections: count_of(MOST_CONNECTIONS),
            per_address: count_of(MOST_CONNECTIONS / 4),
            links: count_of(MOST_LINKS),
        }
    }
}

fn count_of(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptors_are_kept_for_the_database_and_places_for_people() {
        for limit in [128, 256, 1_024, 65_536, 1 << 20] {
            let bounds = Bounds::for_descriptors(limit);
            let used = u64::try_from(bounds.connections).unwrap();
            assert!(used + LEAST_RESERVE <= limit, "{limit}: {bounds:?}");
            assert!(bounds.links < bounds.connections && bounds.per_address < bounds.connections);
        }
        let few = Bounds::for_descriptors(256);
        assert_eq!((few.connections, few.per_address, few.links), (192, 48, 144));
        let many = Bounds::for_descriptors(1 << 20);
        assert_eq!((many.connections, many.links), (40_000, 20_000));
    }
}

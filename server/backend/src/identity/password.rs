//! Argon2id password hashes. Each takes 19 MiB and many milliseconds of one core, so they are made in threads of their own, one a core,
//! which step back behind everything else: hashing takes what is left of the machine and slows nobody down.

mod strength;

pub use strength::Check;

use crate::core::OpenError;
use crate::core::clock::Rng;
use crate::core::db::fault;
use crate::{Backend, Result};
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use domain::error::{Problem, Refusal};
use domain::text;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use tokio::sync::oneshot;
use zeroize::Zeroizing;

/// Shortest password, in characters.
pub const SHORTEST: u32 = 8;
/// Longest password, in characters.
pub const LONGEST: u32 = 300;
/// How many wait for each thread unless the configuration says otherwise: a second or two of work.
pub const USUAL_QUEUE: usize = 32;
/// More cores than this are left to others: memory is spent on every hash.
const MOST_AT_ONCE: usize = 16;
#[cfg(target_os = "linux")]
const LOWEST_PRIORITY: i32 = 19;
const SALT_BYTES: usize = 16;

/// How much work one hash is. The default is what OWASP recommends; tests take less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Default for Cost {
    fn default() -> Self {
        Self {
            memory_kib: 19_456,
            passes: 2,
            lanes: 1,
        }
    }
}

impl Cost {
    /// For tests only: next to no work.
    pub const CHEAP: Self = Self {
        memory_kib: 8,
        passes: 1,
        lanes: 1,
    };
}

pub(crate) struct Passwords {
    argon2: Argon2<'static>,
    threads: Threads,
    /// Checked in place of the hash of somebody who does not exist, so that the answer takes as long.
    dummy: Arc<str>,
}

impl Passwords {
    pub(crate) fn new(cost: Cost, queue: usize, rng: &dyn Rng) -> std::result::Result<Self, OpenError> {
        let wrong = |error: &dyn std::fmt::Display| OpenError::PasswordCost(error.to_string());
        let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, None).map_err(|error| wrong(&error))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let mut nobody = [0; 32];
        rng.fill(&mut nobody);
        let dummy = hash_now(&argon2, &nobody, &salt(rng)).map_err(|error| wrong(&error))?;
        Ok(Self {
            argon2,
            threads: Threads::start(queue).map_err(|error| wrong(&error))?,
            dummy: dummy.into(),
        })
    }

    /// The PHC text of a password's hash.
    pub(crate) async fn hash(&self, password: &str, rng: &dyn Rng, turn: Turn) -> Result<String> {
        let (argon2, salt) = (self.argon2.clone(), salt(rng));
        let password = Zeroizing::new(text::password(password).into_bytes());
        self.threads
            .run(turn, move || hash_now(&argon2, &password, &salt))
            .await?
            .map_err(fault)
    }

    /// Is it this password, in whichever form its letters were composed when it was set? Without a hash the answer is no, after the
    /// same time. [`Refusal::Unavailable`] where too many wait already.
    pub(crate) async fn matches(&self, password: &str, hash: Option<&str>, turn: Turn) -> Result<bool> {
        // What is longer than any password is not worth hashing, but must not be answered faster.
        let too_long = password.chars().count() > LONGEST as usize;
        let forms = text::password_forms(if too_long { "" } else { password });
        let forms: Vec<Zeroizing<String>> = forms.into_iter().map(Zeroizing::new).collect();
        let (argon2, known) = (self.argon2.clone(), hash.is_some());
        let hash: Arc<str> = hash.map_or_else(|| self.dummy.clone(), Arc::from);
        let matches = self
            .threads
            .run(turn, move || match PasswordHash::new(&hash) {
                Ok(hash) => forms
                    .iter()
                    .any(|form| argon2.verify_password(form.as_bytes(), &hash).is_ok()),
                Err(_) => false,
            })
            .await?;
        Ok(matches && known && !too_long)
    }
}

/// Who is served first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Browsers that are known, and callers who were found to be who they say.
    First,
    /// Everybody else.
    Later,
}

type Work = Box<dyn FnOnce() + Send>;

/// Threads that hash. They end when this is dropped.
struct Threads(Arc<Queue>);

/// Bounded: a flood of sign-ins takes neither memory without end nor the time of those who are known.
struct Queue {
    waiting: Mutex<Waiting>,
    changed: Condvar,
    /// The most that wait of each kind.
    most: usize,
}

#[derive(Default)]
struct Waiting {
    first: VecDeque<Work>,
    later: VecDeque<Work>,
    ended: bool,
}

impl Threads {
    fn start(queue: usize) -> std::io::Result<Self> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = at_once(cores);
        let queue = Arc::new(Queue {
            waiting: Mutex::default(),
            changed: Condvar::new(),
            most: queue.saturating_mul(threads).max(1),
        });
        let started = Self(queue);
        for _ in 0..threads {
            let queue = started.0.clone();
            std::thread::Builder::new()
                .name("password".to_owned())
                .spawn(move || work(&queue))?;
        }
        Ok(started)
    }

    async fn run<T: Send + 'static>(&self, turn: Turn, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let (answer, done) = oneshot::channel();
        let work = move || {
            // The caller may have gone away while waiting for a turn.
            if !answer.is_closed() {
                let _gone = answer.send(work());
            }
        };
        self.0.add(turn, Box::new(work))?;
        done.await.map_err(fault)
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner).ended = true;
        self.0.changed.notify_all();
    }
}

impl Queue {
    fn add(&self, turn: Turn, work: Work) -> Result<()> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let of_turn = match turn {
            Turn::First => &mut waiting.first,
            Turn::Later => &mut waiting.later,
        };
        if of_turn.len() >= self.most {
            tracing::warn!(
                waiting = of_turn.len(),
                "too many passwords wait to be checked; one was rejected"
            );
            return Err(Refusal::Unavailable);
        }
        of_turn.push_back(work);
        drop(waiting);
        self.changed.notify_one();
        Ok(())
    }

    /// The next work; `None` at the end.
    fn next(&self) -> Option<Work> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if waiting.ended {
                return None;
            }
            if let Some(work) = waiting.first.pop_front() {
                return Some(work);
            }
            if let Some(work) = waiting.later.pop_front() {
                return Some(work);
            }
            waiting = self.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Where hashing steps back by priority every core may hash; elsewhere one is left free.
fn at_once(cores: usize) -> usize {
    let left_free = usize::from(!cfg!(target_os = "linux"));
    cores.saturating_sub(left_free).clamp(1, MOST_AT_ONCE)
}

fn work(queue: &Queue) {
    step_back();
    while let Some(work) = queue.next() {
        // A panic must not end the thread; it is in the log, and a waiting caller is told by the closed channel.
        let _panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
    }
}

/// On Linux a priority is one thread's own.
#[cfg(target_os = "linux")]
fn step_back() {
    if let Err(error) = rustix::process::setpriority_process(None, LOWEST_PRIORITY) {
        tracing::warn!(%error, "passwords are hashed at the priority of everything else");
    }
}

#[cfg(not(target_os = "linux"))]
fn step_back() {}

/// A password that is hard to guess and easy to read out: four groups of four letters and digits none of which look alike.
pub fn suggest(b: &Backend) -> Zeroizing<String> {
    // 32 characters, so that every byte falls on each equally often.
    const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = Zeroizing::new([0; 16]);
    b.rng().fill(bytes.as_mut_slice());
    let mut text = Zeroizing::new(String::with_capacity(19));
    for (index, byte) in bytes.iter().enumerate() {
        if index > 0 && index % 4 == 0 {
            text.push('-');
        }
        text.push(char::from(ALPHABET[usize::from(byte % 32)]));
    }
    text
}

/// Refuses what is too short or too long for `field`.
pub fn validate(field: &str, password: &str) -> Result<()> {
    let problem = match u32::try_from(text::password(password).chars().count()).unwrap_or(u32::MAX) {
        0 => Problem::Required,
        length if length < SHORTEST => Problem::TooShort { min: SHORTEST },
        length if length > LONGEST => Problem::TooLong { max: LONGEST },
        _ => return Ok(()),
    };
    Err(Refusal::field(field, problem))
}

fn salt(rng: &dyn Rng) -> [u8; SALT_BYTES] {
    let mut salt = [0; SALT_BYTES];
    rng.fill(&mut salt);
    salt
}

fn hash_now(
    argon2: &Argon2<'_>,
    password: &[u8],
    salt: &[u8],
) -> std::result::Result<String, argon2::password_hash::Error> {
    let hash: argon2::password_hash::phc::PasswordHash = argon2.hash_password_with_salt(password, salt)?;
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[tokio::test]
    async fn a_full_queue_rejects_and_those_who_are_known_come_first() {
        let threads = Arc::new(Threads::start(1).unwrap());
        let at_once = threads.0.most;
        let (release, held) = channel::<()>();
        let held = Arc::new(Mutex::new(held));
        let (started, begun) = channel();
        let mut running = Vec::new();
        for _ in 0..at_once {
            let (threads, held, started) = (threads.clone(), held.clone(), started.clone());
            running.push(tokio::spawn(async move {
                let hold = move || {
                    started.send(()).unwrap();
                    held.lock().unwrap().recv().unwrap();
                };
                threads.run(Turn::Later, hold).await
            }));
            // Each thread has begun before the next work is added, so that none of it waits.
            tokio::task::yield_now().await;
            begun.recv().unwrap();
        }
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut waiting = Vec::new();
        for turn in [Turn::Later, Turn::First] {
            for _ in 0..at_once {
                let (threads, order) = (threads.clone(), order.clone());
                let note = move || order.lock().unwrap().push(turn);
                waiting.push(tokio::spawn(async move { threads.run(turn, note).await }));
                tokio::task::yield_now().await;
            }
            assert_eq!(threads.run(turn, || ()).await, Err(Refusal::Unavailable));
        }
        for _ in 0..at_once {
            release.send(()).unwrap();
        }
        for one in running.into_iter().chain(waiting) {
            assert_eq!(one.await.unwrap(), Ok(()));
        }
        let order = order.lock().unwrap().clone();
        let first = order.iter().filter(|turn| **turn == Turn::First).count();
        assert_eq!((order.len(), first), (2 * at_once, at_once));
        // With several threads the last of the first may be noted after the first of the others.
        assert_eq!(order[0], Turn::First, "{order:?}");
    }
}

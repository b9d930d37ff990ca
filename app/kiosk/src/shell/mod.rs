//! Between the state machine and the world: one input after another, each stored before its effects are carried out.

mod doors;
mod start;

pub use doors::StaffFile;

use super::boards::Boards;
use super::browser;
use super::doors::{DoorDriver, Link};
use super::keys::Pressed;
use super::net::{self, Net};
use super::store::{NotWritten, STATE, Store};
use domain::boards::cabinet::Wish;
use domain::boards::driver::Seen;
use domain::boards::{Found, Wiring};
use domain::ids::{Millis, Port};
use domain::locker::kiosk::{Effect as Command, Env, IDLE_SECONDS, Input, Kiosk, Scan, Screen};
use domain::token::TokenKey;
use futures::channel::oneshot;
use islands::i18n::{self, Locale};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::VecDeque;
use std::rc::Rc;

/// How often the server is asked while nothing happens.
const SYNC_MS: i64 = 30_000;
/// How often a newer page is looked for.
const UPDATE_MS: i64 = 600_000;
/// So long nobody may have touched the start page before a newer page replaces it.
const UPDATE_IDLE_MS: i64 = 10_000;

/// Where the page is in its own life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Looking into the storage.
    Loading,
    /// Another window runs the kiosk.
    OtherWindow,
    /// Nothing can be stored here.
    Broken,
    /// Not a kiosk yet.
    Enrolling,
    /// A kiosk.
    Running,
}

/// How often, and at what distance, it is looked whether an opening has left before its screen is drawn all the same.
const LOOKS_BEFORE_DRAWING: u32 = 8;
const LOOK_MS: i32 = 8;

/// What the loop works on.
#[derive(Default)]
struct Work {
    store: Option<Store>,
    key: Option<TokenKey>,
    bearer: String,
    waiting: VecDeque<(Input, Option<oneshot::Sender<()>>)>,
    busy: bool,
    syncing: bool,
    synced_at: Millis,
    updated_at: Millis,
    /// What speaks to the doors, and by which settings for which doors it was made.
    driver: Option<Rc<dyn DoorDriver>>,
    made_for: Option<(Option<Wiring>, Vec<Port>)>,
    /// It stands in until the file for lock boards is loaded.
    waits: bool,
    /// That file is being fetched, or is there.
    fetched: bool,
    boards: Option<Boards>,
}

/// A handle to all of it; cheap to copy.
#[derive(Clone, Copy)]
pub struct Shell {
    /// Where the page is in its own life.
    pub stage: RwSignal<Stage>,
    /// The state as it was last stored.
    pub kiosk: RwSignal<Option<Kiosk>>,
    /// The language chosen.
    pub locale: RwSignal<Locale>,
    /// How the server was last found.
    pub net: RwSignal<Net>,
    /// The device's clock, about once a second.
    pub now: RwSignal<Millis>,
    /// Whether the browser keeps what is stored when space runs out. `None`: not known yet.
    pub kept: RwSignal<Option<bool>>,
    /// The last step could not be stored and was not done.
    pub not_stored: RwSignal<bool>,
    /// What stands on the pad.
    pub pad: RwSignal<String>,
    /// How many characters the pad takes at most, and whether letters are among them.
    pub pad_takes: RwSignal<(usize, bool)>,
    /// Enter was pressed for the pad, so often.
    pub pad_enter: RwSignal<u32>,
    /// How the lock boards can be reached.
    pub link: RwSignal<Link>,
    /// Whether the file for staff is there.
    pub staff: RwSignal<StaffFile>,
    /// The last frames, newest first.
    pub seen: RwSignal<VecDeque<Seen>>,
    /// What a search for boards found.
    pub found: RwSignal<Vec<Found>>,
    /// Sample data?
    pub demo: bool,
    update_ready: RwSignal<bool>,
    work: StoredValue<Work, LocalStorage>,
}

impl Shell {
    /// Before anything is known. The same on the server and in the browser.
    pub fn new(locale: Locale, demo: bool) -> Self {
        let work = StoredValue::new_local(Work::default());
        let kiosk = RwSignal::new(None);
        Self {
            stage: RwSignal::new(Stage::Loading),
            kiosk,
            locale: RwSignal::new(locale),
            net: RwSignal::new(Net::Offline),
            now: RwSignal::new(Millis::default()),
            kept: RwSignal::new(None),
            not_stored: RwSignal::new(false),
            pad: RwSignal::new(String::new()),
            pad_takes: RwSignal::new((0, false)),
            pad_enter: RwSignal::new(0),
            link: RwSignal::new(Link::Drawn),
            staff: RwSignal::new(StaffFile::NotAsked),
            seen: RwSignal::new(VecDeque::new()),
            found: RwSignal::new(Vec::new()),
            demo,
            update_ready: RwSignal::new(false),
            work,
        }
    }

    /// Reads the state without following it.
    pub fn with_kiosk<T>(self, read: impl FnOnce(&Kiosk) -> T) -> Option<T> {
        self.kiosk.with_untracked(|kiosk| kiosk.as_ref().map(read))
    }

    /// The kiosk's number and its bearer token.
    pub fn credentials(self) -> Option<(i64, String)> {
        let yid = self.with_kiosk(|kiosk| kiosk.yid.0)?;
        Some((yid, self.work.with_value(|work| work.bearer.clone())))
    }

    /// Gives an input to the state machine, after those that wait already.
    pub fn send(self, input: Input) {
        self.enqueue(input, None);
    }

    /// The same, and waits until it is done.
    pub async fn send_and_wait(self, input: Input) {
        let (done, wait) = oneshot::channel();
        self.enqueue(input, Some(done));
        let _ = wait.await;
    }

    fn enqueue(self, input: Input, done: Option<oneshot::Sender<()>>) {
        let idle = self
            .work
            .try_update_value(|work| {
                work.waiting.push_back((input, done));
                !std::mem::replace(&mut work.busy, true)
            })
            .unwrap_or(false);
        if idle {
            spawn_local(self.drain_queue());
        }
    }

    async fn drain_queue(self) {
        loop {
            let next = self.work.try_update_value(|work| {
                let next = work.waiting.pop_front();
                work.busy = next.is_some();
                next
            });
            let Some((input, done)) = next.flatten() else {
                return;
            };
            self.handle(input).await;
            drop(done);
        }
    }

    /// The heart of it: decide, store, act, show, in this order.
    async fn handle(self, input: Input) {
        let (store, key) = self.work.with_value(|work| (work.store.clone(), work.key.clone()));
        let (Some(mut after), Some(store), Some(key)) = (self.kiosk.get_untracked(), store, key) else {
            return;
        };
        let asked = browser::passed();
        let mut random = browser::random;
        let commands = after.step(
            input,
            &mut Env {
                now: browser::now(),
                rng: &mut random,
                key: &key,
            },
        );
        let compared = self.kiosk.with_untracked(|before| {
            let before = before.as_ref()?;
            let alike = after.is_the_same_but_for_time(before);
            let same = alike && (after.idle, after.clock) == (before.idle, before.clock);
            Some((
                same,
                alike,
                before.screen != after.screen,
                before.wiring != after.wiring,
            ))
        });
        let (same, alike, another_screen, rewired) = compared.unwrap_or((false, false, true, true));
        if same && commands.is_empty() {
            return;
        }
        // Seconds of idleness are not worth it: after a restart nobody is there anyway.
        if !alike {
            let stored = match serde_json::to_string(&after) {
                Ok(text) => store.put(&[(STATE, &text)]).await,
                Err(_) => Err(NotWritten::Failed),
            };
            self.not_stored.set(stored == Err(NotWritten::Failed));
            match stored {
                Ok(()) => {}
                Err(NotWritten::Lost) => return spawn_local(async move { self.lost(&store).await }),
                Err(NotWritten::Failed) => return,
            }
        }
        let opening = after.test.clone().or_else(|| after.opening.clone());
        self.kiosk.update_untracked(|kiosk| *kiosk = Some(after));
        if rewired {
            // What is wanted next is wanted by the new settings.
            self.wire();
        }
        for command in commands {
            match command {
                Command::OpenDoor(_) => {
                    if let Some(opening) = &opening {
                        self.wish(Wish::Open {
                            attempt: opening.attempt,
                            doors: opening.locks.iter().map(|(door, _)| *door).collect(),
                            asked,
                        });
                    }
                }
                Command::ForgetOpening(attempt) => self.wish(Wish::Forget { attempt }),
                Command::Sound(sound) => browser::beep(sound),
                Command::Sync => self.sync(),
                Command::Check(named) => spawn_local(async move {
                    let answer = net::whose(self, &named).await;
                    self.send(Input::Checked { named, answer });
                }),
            }
        }
        self.opening_left().await;
        if another_screen {
            self.pad.set(String::new());
        }
        self.kiosk.notify();
    }

    /// Nothing can be read from a wire while a screen is drawn: an opening that waits for an answer leaves first.
    async fn opening_left(self) {
        let mut looks = LOOKS_BEFORE_DRAWING;
        while looks > 0 && self.driver().is_some_and(|driver| driver.opening_waits()) {
            looks -= 1;
            browser::sleep(LOOK_MS).await;
        }
    }

    /// Talks to the server, unless it is being talked to.
    pub fn sync(self) {
        let stage = self.stage.get_untracked();
        let unknown = stage != Stage::Running && self.kiosk.with_untracked(Option::is_none);
        if unknown || stage == Stage::OtherWindow {
            return;
        }
        let begin = self.work.try_update_value(|work| {
            work.synced_at = browser::now();
            !std::mem::replace(&mut work.syncing, true)
        });
        if begin == Some(true) {
            spawn_local(async move {
                net::sync(self).await;
                self.work.update_value(|work| work.syncing = false);
            });
        }
    }

    fn tick(self) {
        let now = browser::now();
        self.now.set(now);
        if self.stage.get_untracked() != Stage::Running {
            return;
        }
        self.send(Input::Tick);
        self.wire();
        let (sync_due, update_due) = self.work.with_value(|work| {
            (
                !(0..SYNC_MS).contains(&now.since(work.synced_at)),
                !(0..UPDATE_MS).contains(&now.since(work.updated_at)),
            )
        });
        if sync_due {
            self.sync();
        }
        if update_due && self.net.get_untracked() == Net::Online {
            self.work.update_value(|work| work.updated_at = now);
            browser::look_for_update();
        }
        let language = self.with_kiosk(|kiosk| {
            let left = kiosk.screen == Screen::Home && now.since(kiosk.idle.since) >= IDLE_SECONDS * 1_000;
            if left { i18n::parse(&kiosk.look.language) } else { None }
        });
        if let Some(language) = language.flatten()
            && language != self.locale.get_untracked()
        {
            self.choose_language(language);
        }
        let nobody =
            self.with_kiosk(|kiosk| kiosk.screen == Screen::Home && now.since(kiosk.idle.since) >= UPDATE_IDLE_MS);
        if nobody == Some(true) {
            // Staff find their area there, also where the network is gone by then.
            self.load_staff();
        }
        if self.update_ready.get_untracked() && nobody == Some(true) {
            self.update_ready.set(false);
            let _ = window().location().reload();
        }
    }

    fn touched(self) {
        // Every touch counts for the way home, but not every one is worth a step.
        let worth = self.with_kiosk(|kiosk| {
            kiosk.idle.seconds_left.is_some() || kiosk.is_soaking() || browser::now().since(kiosk.idle.since) > 2_000
        });
        if worth == Some(true) {
            self.send(Input::Touched);
        }
    }

    fn pressed(self, pressed: Pressed) {
        match pressed {
            Pressed::Scan(scan) => {
                self.pad.set(String::new());
                self.send(match scan {
                    Scan::Text(text) => Input::Scanned(text),
                    Scan::Failed(trouble) => Input::ScanFailed(trouble),
                });
            }
            Pressed::Key(key) => {
                self.type_key(key);
                self.touched();
            }
            Pressed::Erase => self.erase_digit(),
            Pressed::Enter => self.pad_enter.update(|count| *count += 1),
            Pressed::Other => self.touched(),
        }
    }

    /// One character more on the pad, if it takes it.
    pub fn type_key(self, key: char) {
        let (most, letters) = self.pad_takes.get_untracked();
        self.pad.update(|pad| {
            if pad.len() < most && (letters || key.is_ascii_digit()) {
                pad.push(key);
            }
        });
    }

    /// One digit less.
    pub fn erase_digit(self) {
        self.pad.update(|pad| {
            pad.pop();
        });
    }

    /// Chooses the language and keeps it.
    pub fn choose_language(self, locale: Locale) {
        browser::keep_language(locale);
        self.locale.set(locale);
    }
}

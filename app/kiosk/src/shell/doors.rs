//! Between the kiosk and what speaks to its doors.

use super::Shell;
use crate::boards;
use crate::browser;
use crate::doors::{self, DoorDriver, Link, NoDoors, OnScreenDoors, Told};
use crate::staff::{self, Tabs};
use crate::store::BRIDGE;
use domain::boards::Found;
use domain::boards::cabinet::Wish;
use domain::locker::kiosk::{Input, Kiosk, Screen};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::rc::Rc;

/// How many frames are kept for the technician.
const SEEN: usize = 200;
/// The pause before a file that is loaded later is fetched again.
const FETCH_AGAIN_MS: i32 = 10_000;

/// Whether the file for staff is there.
#[derive(Clone, Copy)]
pub enum StaffFile {
    /// Nobody needs it.
    NotAsked,
    /// It is being fetched.
    Loading,
    /// It could not be fetched, and is fetched again soon.
    Failed,
    /// There.
    Loaded(Tabs),
}

impl Shell {
    /// A driver tells something.
    pub fn told(self, told: Told) {
        match told {
            Told::Report(report) => self.send(Input::Reported(report)),
            Told::Link(link) => self.link.set(link),
            Told::Seen(seen) => self.seen.update(|all| {
                // Bytes come in pieces, and belong to one frame.
                match all.front_mut() {
                    Some(last) if !last.sent && !seen.sent && last.line == seen.line => last.bytes.extend(seen.bytes),
                    _ => all.push_front(seen),
                }
                all.truncate(SEEN);
            }),
            Told::Found(found) => self.found.update(|all| {
                all.retain(|one| !matches!(one, Found::Progress { .. }));
                all.push(found);
            }),
        }
    }

    /// Tells the driver what is wanted of the doors.
    pub fn wish(self, wish: Wish) {
        match self.driver() {
            Some(driver) => driver.wish(wish),
            None => doors::not_sent(self, wish),
        }
    }

    /// What speaks to the doors.
    pub fn driver(self) -> Option<Rc<dyn DoorDriver>> {
        self.work.with_value(|work| work.driver.clone())
    }

    /// Makes the driver for the settings as they are, unless it is there already or somebody stands at an open door.
    pub(super) fn wire(self) {
        let wanted = self.with_kiosk(|kiosk| {
            let at_a_door = matches!(kiosk.screen, Screen::DoorOpen { .. });
            (kiosk.wiring.clone(), kiosk.layout(), at_a_door)
        });
        let Some((wiring, layout, at_a_door)) = wanted else {
            return;
        };
        let boards = self.work.with_value(|work| work.boards);
        let waits = wiring.is_some() && boards.is_none();
        let made_for = Some((wiring.clone(), layout.clone()));
        let (same, before, waited) = self
            .work
            .with_value(|work| (work.made_for == made_for, work.driver.clone(), work.waits));
        if (same && waits == waited) || (at_a_door && before.is_some() && !waited) {
            return;
        }
        if let Some(before) = before {
            before.leave();
        }
        self.work
            .update_value(|work| (work.made_for, work.waits) = (made_for, waits));
        let driver: Rc<dyn DoorDriver> = match (&wiring, boards) {
            (None, _) => {
                self.told(Told::Link(Link::Drawn));
                Rc::new(OnScreenDoors(self))
            }
            (Some(wiring), Some(boards)) => (boards.driver)(self, wiring, &layout),
            (Some(_), None) => {
                self.told(Told::Link(Link::Connecting));
                self.load_boards();
                Rc::new(NoDoors(self))
            }
        };
        self.work.update_value(|work| work.driver = Some(driver));
    }

    /// Fetches what speaks to lock boards, until it is there. Nothing can be opened before.
    fn load_boards(self) {
        let begun = self
            .work
            .try_update_value(|work| std::mem::replace(&mut work.fetched, true));
        if begun != Some(false) {
            return;
        }
        spawn_local(async move {
            loop {
                if let Ok(boards) = boards::load().await {
                    self.work.update_value(|work| work.boards = Some(boards));
                    return self.wire();
                }
                let jumpers = |kiosk: &Kiosk| Some(doors::jumpers(kiosk.wiring.as_ref()?, &kiosk.layout()));
                if let Some(jumpers) = self.with_kiosk(jumpers).flatten() {
                    doors::unreachable(self, &jumpers, Link::Connecting);
                }
                browser::sleep(FETCH_AGAIN_MS).await;
            }
        });
    }

    /// Fetches what only staff see, until it is there.
    pub fn load_staff(self) {
        if !matches!(self.staff.get_untracked(), StaffFile::NotAsked) {
            return;
        }
        self.staff.set(StaffFile::Loading);
        spawn_local(async move {
            loop {
                if let Ok(tabs) = staff::load().await {
                    return self.staff.set(StaffFile::Loaded(tabs));
                }
                self.staff.set(StaffFile::Failed);
                browser::sleep(FETCH_AGAIN_MS).await;
            }
        });
    }

    /// The number of the door bridge on this machine, as it was typed.
    pub async fn bridge_token(self) -> Option<String> {
        let store = self.work.with_value(|work| work.store.clone())?;
        store.get(BRIDGE).await.ok().flatten()
    }

    /// Keeps that number; the driver tries it at its next connection.
    pub fn keep_bridge_token(self, token: String) {
        let store = self.work.with_value(|work| work.store.clone());
        spawn_local(async move {
            if let Some(store) = store {
                let kept = store.put(&[(BRIDGE, &token)]).await;
                self.not_stored.set(kept.is_err());
            }
        });
    }
}

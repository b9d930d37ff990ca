//! From an opened page to a running kiosk: alone in this browser, with what was stored, or enrolled.

use super::{Shell, Stage};
use crate::net::{self, EnrolProblem, Net};
use crate::store::{NotWritten, SECRETS, STATE, Store, UNREADABLE};
use crate::{browser, keys};
use domain::locker::kiosk::{Input, Kiosk};
use domain::token::TokenKey;
use leptos::ev;
use leptos::leptos_dom::helpers::set_interval;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How often the lease is renewed, or asked for, where the browser has no locks: well within [`domain::locker::kiosk::LEASE_MS`].
const RENEW_MS: i32 = 2_000;

/// What is kept apart from the state.
#[derive(Clone, Serialize, Deserialize)]
struct Secrets {
    secret: String,
    token: String,
}

impl Shell {
    /// In the browser, once the page has come to life.
    pub fn start(self) {
        if let Some(kept) = browser::kept_language() {
            self.locale.set(kept);
            browser::say_language(kept);
        }
        self.now.set(browser::now());
        let update_ready = self.update_ready;
        browser::keep_page_offline(move || update_ready.set(true));
        keys::listen(move |pressed| self.pressed(pressed));
        let touched = window_event_listener(ev::pointerdown, move |_| self.touched());
        let online = window_event_listener(ev::online, move |_| self.sync());
        let offline = window_event_listener(ev::offline, move |_| self.net.set(Net::Offline));
        // A coil that stays powered must not outlive its page, where that can be helped.
        let leaving = window_event_listener(ev::pagehide, move |_| {
            if let Some(driver) = self.driver() {
                driver.leave();
            }
        });
        on_cleanup(move || {
            leaving.remove();
            touched.remove();
            online.remove();
            offline.remove();
        });
        set_interval(move || self.tick(), Duration::from_secs(1));
        spawn_local(async move {
            let locked = browser::be_the_only_one(move || self.stage.set(Stage::OtherWindow)).await;
            let Ok(store) = Store::open((!locked).then(browser::window_name)).await else {
                self.stage.set(Stage::Broken);
                return;
            };
            if !locked {
                self.await_lease(&store).await;
                self.keep_lease(store.clone());
            }
            self.load(store).await;
        });
    }

    /// Without locks: until no other window has the lease.
    async fn await_lease(self, store: &Store) {
        loop {
            match store.take_lease(browser::now()).await {
                Ok(true) => return,
                Ok(false) => self.stage.set(Stage::OtherWindow),
                Err(_) => self.stage.set(Stage::Broken),
            }
            browser::sleep(RENEW_MS).await;
        }
    }

    /// Renews the lease until another window has taken it.
    fn keep_lease(self, store: Store) {
        spawn_local(async move {
            loop {
                browser::sleep(RENEW_MS).await;
                if store.renew_lease(browser::now()).await == Ok(false) {
                    return self.lost(&store).await;
                }
            }
        });
    }

    /// Another window took over. Once that is gone, this one begins from what it left.
    pub(super) async fn lost(self, store: &Store) {
        if self.stage.get_untracked() == Stage::OtherWindow {
            return;
        }
        self.stage.set(Stage::OtherWindow);
        self.await_lease(store).await;
        let _ = window().location().reload();
    }

    async fn load(self, store: Store) {
        let (state, secrets) = (store.get(STATE).await, store.get(SECRETS).await);
        let (Ok(state), Ok(secrets)) = (state, secrets) else {
            self.stage.set(Stage::Broken);
            return;
        };
        self.work.update_value(|work| work.store = Some(store.clone()));
        browser::stay_awake();
        spawn_local(async move { self.kept.set(Some(browser::keep_stored().await)) });
        let secrets: Option<Secrets> = secrets.and_then(|text| serde_json::from_slice(text.as_bytes()).ok());
        let kiosk: Option<Kiosk> = state
            .as_ref()
            .and_then(|text| serde_json::from_slice(text.as_bytes()).ok());
        match (kiosk, secrets) {
            (Some(kiosk), Some(secrets)) => self.run(kiosk, &secrets),
            _ => {
                if let Some(text) = state {
                    let _ = store.put(&[(UNREADABLE, &text)]).await;
                }
                self.stage.set(Stage::Enrolling);
            }
        }
    }

    fn run(self, kiosk: Kiosk, secrets: &Secrets) {
        self.work.update_value(|work| {
            work.key = Some(TokenKey::new(secrets.secret.as_bytes()));
            work.bearer.clone_from(&secrets.token);
        });
        self.kiosk.set(Some(kiosk));
        self.send(Input::Started);
        self.wire();
        self.stage.set(Stage::Running);
        self.sync();
    }

    /// Makes this device a kiosk, or once more the kiosk it was.
    pub async fn enrol(self, code: &str) -> Result<(), EnrolProblem> {
        let from = net::enrol(code).await?;
        let known = self.kiosk.get_untracked().filter(|kiosk| kiosk.yid == from.yid);
        let kiosk = match known {
            Some(mut kiosk) => {
                kiosk.enrolled_again(&from, browser::now());
                kiosk
            }
            None => Kiosk::enrolled(&from, browser::now()),
        };
        let secrets = Secrets {
            secret: from.secret.clone(),
            token: from.token.clone(),
        };
        let store = self.work.with_value(|work| work.store.clone());
        let texts = (serde_json::to_string(&kiosk), serde_json::to_string(&secrets));
        let (Some(store), (Ok(state), Ok(kept))) = (store, texts) else {
            return Err(EnrolProblem::Other);
        };
        match store.put(&[(STATE, &state), (SECRETS, &kept)]).await {
            Ok(()) => {}
            Err(NotWritten::Lost) => {
                self.lost(&store).await;
                return Ok(());
            }
            Err(NotWritten::Failed) => {
                self.stage.set(Stage::Broken);
                return Ok(());
            }
        }
        self.pad.set(String::new());
        self.run(kiosk, &secrets);
        Ok(())
    }
}

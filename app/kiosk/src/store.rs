//! Where the kiosk keeps what it must not forget: IndexedDB, one transaction a step, on the disk before anything is done.

use domain::ids::Millis;
use domain::locker::kiosk::Lease;
use js_sys::{Function, Object, Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{IdbDatabase, IdbObjectStore, IdbOpenDbRequest, IdbRequest, IdbTransaction};

const DATABASE: &str = "latchkey-kiosk";
const TABLE: &str = "kiosk";

/// The kiosk's state as JSON.
pub const STATE: &str = "state";
/// Its secret and its bearer token.
pub const SECRETS: &str = "secrets";
/// The number of the door bridge on this machine.
pub const BRIDGE: &str = "bridge";
/// A state that could not be read, kept for the person who looks into it.
pub const UNREADABLE: &str = "unreadable";

/// Which window runs the kiosk, where the browser has no locks.
const LEASE: &str = "lease";

/// Why nothing was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotWritten {
    /// Another window took over.
    Lost,
    /// The browser could not.
    Failed,
}

impl From<JsValue> for NotWritten {
    fn from(_: JsValue) -> Self {
        Self::Failed
    }
}

/// The open database, and the name under which this window holds the lease where it needs one.
#[derive(Clone)]
pub struct Store {
    database: IdbDatabase,
    holder: Option<String>,
}

impl Store {
    /// Opens it, and makes it the first time. With a `holder` nothing is written without its lease.
    pub async fn open(holder: Option<String>) -> Result<Self, JsValue> {
        let factory = window().indexed_db()?.ok_or("no IndexedDB")?;
        let request: IdbOpenDbRequest = factory.open_with_u32(DATABASE, 1)?;
        let opening = request.clone();
        let upgrade = Closure::once_into_js(move || {
            if let Ok(database) = opening.result()
                && let Ok(database) = database.dyn_into::<IdbDatabase>()
            {
                let _ = database.create_object_store(TABLE);
            }
        });
        request.set_onupgradeneeded(Some(upgrade.unchecked_ref()));
        answered(&request).await?;
        let database = request.result()?.dyn_into()?;
        Ok(Self { database, holder })
    }

    /// The text kept under `key`.
    pub async fn get(&self, key: &str) -> Result<Option<String>, JsValue> {
        let request = self
            .database
            .transaction_with_str(TABLE)?
            .object_store(TABLE)?
            .get(&key.into())?;
        answered(&request).await?;
        Ok(request.result()?.as_string())
    }

    /// Keeps all of these or none, and answers when they are on the disk.
    pub async fn put(&self, entries: &[(&str, &str)]) -> Result<(), NotWritten> {
        let transaction = self.begin()?;
        let table = transaction.object_store(TABLE)?;
        if let Some(holder) = &self.holder
            && !Lease::is_held(lease(&table).await?.as_ref(), holder)
        {
            return Err(NotWritten::Lost);
        }
        for (key, text) in entries {
            table.put_with_key(&(*text).into(), &(*key).into())?;
        }
        // Not waited for: that each was taken. Browsers that do not know this word commit by themselves, a turn of the page later.
        #[expect(
            deprecated,
            reason = "the bindings mark it so, the standard of Indexed Database 3.0 has it"
        )]
        let _ = transaction.commit();
        finished(&transaction).await?;
        Ok(())
    }

    /// Takes the lease. False: another window has it.
    pub async fn take_lease(&self, now: Millis) -> Result<bool, JsValue> {
        self.change_lease(Lease::take, now).await
    }

    /// Keeps the lease some time longer. False: another window had it meanwhile.
    pub async fn renew_lease(&self, now: Millis) -> Result<bool, JsValue> {
        self.change_lease(Lease::renew, now).await
    }

    async fn change_lease(
        &self,
        change: fn(Option<&Lease>, &str, Millis) -> Option<Lease>,
        now: Millis,
    ) -> Result<bool, JsValue> {
        let Some(holder) = &self.holder else {
            return Ok(true);
        };
        let transaction = self.begin()?;
        let table = transaction.object_store(TABLE)?;
        let Some(changed) = change(lease(&table).await?.as_ref(), holder, now) else {
            return Ok(false);
        };
        let text = serde_json::to_string(&changed).map_err(|_| "no lease")?;
        table.put_with_key(&text.into(), &LEASE.into())?;
        finished(&transaction).await?;
        Ok(true)
    }

    /// A power cut must not lose what was answered for, so the browser is asked not to buffer; older ones ignore the wish.
    fn begin(&self) -> Result<IdbTransaction, JsValue> {
        let begin: Function = Reflect::get(&self.database, &"transaction".into())?.dyn_into()?;
        let options = Object::new();
        Reflect::set(&options, &"durability".into(), &"strict".into())?;
        begin
            .call3(&self.database, &TABLE.into(), &"readwrite".into(), &options)?
            .dyn_into()
    }
}

/// The stored lease. Read and followed by writes in one transaction, so that no other window comes between.
async fn lease(table: &IdbObjectStore) -> Result<Option<Lease>, JsValue> {
    let request = table.get(&LEASE.into())?;
    answered(&request).await?;
    let text = request.result()?.as_string();
    Ok(text.and_then(|text| serde_json::from_slice(text.as_bytes()).ok()))
}

async fn finished(transaction: &IdbTransaction) -> Result<(), JsValue> {
    let done = Promise::new(&mut |resolve, reject| {
        transaction.set_oncomplete(Some(&resolve));
        transaction.set_onerror(Some(&reject));
        transaction.set_onabort(Some(&reject));
    });
    JsFuture::from(done).await.map(|_| ())
}

async fn answered(request: &IdbRequest) -> Result<(), JsValue> {
    let done = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    JsFuture::from(done).await.map(|_| ())
}

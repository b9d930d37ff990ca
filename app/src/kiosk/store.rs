//! Where the kiosk keeps what it must not forget: IndexedDB, one transaction a step, on the disk before anything is done.

use js_sys::{Function, Object, Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{IdbDatabase, IdbOpenDbRequest, IdbRequest, IdbTransaction};

const DATABASE: &str = "latchkey-kiosk";
const TABLE: &str = "kiosk";

/// The kiosk's state as JSON.
pub const STATE: &str = "state";
/// Its secret and its bearer token.
pub const SECRETS: &str = "secrets";
/// A state that could not be read, kept for whoever looks into it.
pub const UNREADABLE: &str = "unreadable";

/// The open database.
#[derive(Clone)]
pub struct Store(IdbDatabase);

impl Store {
    /// Opens it, and makes it the first time.
    pub async fn open() -> Result<Self, JsValue> {
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
        request.result()?.dyn_into().map(Self)
    }

    /// The text kept under `key`.
    pub async fn get(&self, key: &str) -> Result<Option<String>, JsValue> {
        let request = self
            .0
            .transaction_with_str(TABLE)?
            .object_store(TABLE)?
            .get(&key.into())?;
        answered(&request).await?;
        Ok(request.result()?.as_string())
    }

    /// Keeps all of these or none, and answers when they are on the disk.
    pub async fn put(&self, entries: &[(&str, &str)]) -> Result<(), JsValue> {
        let transaction = self.begin()?;
        let table = transaction.object_store(TABLE)?;
        for (key, text) in entries {
            table.put_with_key(&(*text).into(), &(*key).into())?;
        }
        let done = Promise::new(&mut |resolve, reject| {
            transaction.set_oncomplete(Some(&resolve));
            transaction.set_onerror(Some(&reject));
            transaction.set_onabort(Some(&reject));
        });
        JsFuture::from(done).await.map(|_| ())
    }

    /// A power cut must not lose what was answered for, so the browser is asked not to buffer; older ones ignore the wish.
    fn begin(&self) -> Result<IdbTransaction, JsValue> {
        let begin: Function = Reflect::get(&self.0, &"transaction".into())?.dyn_into()?;
        let options = Object::new();
        Reflect::set(&options, &"durability".into(), &"strict".into())?;
        begin
            .call3(&self.0, &TABLE.into(), &"readwrite".into(), &options)?
            .dyn_into()
    }
}

async fn answered(request: &IdbRequest) -> Result<(), JsValue> {
    let done = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    JsFuture::from(done).await.map(|_| ())
}

//! The camera of the device.

use crate::i18n::{Locale, td_string};
use js_sys::{Array, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{MediaDeviceInfo, MediaDeviceKind, MediaDevices, MediaStream, MediaStreamConstraints, MediaStreamTrack};

/// Which side of the device it looks to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Facing {
    /// Away from who holds it: phones.
    Away,
    /// At who stands before it: kiosks.
    Towards,
}

impl Facing {
    /// What the worker behind such a camera is called; a kiosk's puts the frames of a code that moves together by itself.
    pub(super) fn worker(self) -> &'static str {
        match self {
            Self::Away => "phone",
            Self::Towards => "kiosk",
        }
    }
}

/// Why there is no picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CameraProblem {
    /// The page did not come over HTTPS.
    Insecure,
    /// The person or the device's settings said no.
    Denied,
    /// There is none.
    Missing,
    /// Another program has it.
    InUse,
    /// Anything else.
    Failed,
}

impl CameraProblem {
    /// What happened and what to do.
    pub fn text(self, locale: Locale) -> &'static str {
        match self {
            Self::Insecure => td_string!(locale, common.scanner_insecure),
            Self::Denied => td_string!(locale, common.scanner_denied),
            Self::Missing => td_string!(locale, common.scanner_missing),
            Self::InUse => td_string!(locale, common.scanner_in_use),
            Self::Failed => td_string!(locale, common.scanner_failed),
        }
    }
}

/// A running camera; dropping it turns it off.
pub struct Camera {
    stream: MediaStream,
    track: MediaStreamTrack,
}

impl Camera {
    /// Turns a camera on: the one named, else one that looks the right way, else any.
    pub async fn open(facing: Facing, device: Option<&str>) -> Result<Self, CameraProblem> {
        let wanted = constraints(facing, device).map_err(|_| CameraProblem::Failed)?;
        let promise = media_devices()?
            .get_user_media_with_constraints(&wanted)
            .map_err(|error| problem(&error))?;
        let stream: MediaStream = JsFuture::from(promise)
            .await
            .map_err(|error| problem(&error))?
            .unchecked_into();
        let track = stream.get_video_tracks().get(0);
        if track.is_undefined() {
            return Err(CameraProblem::Missing);
        }
        let track = track.unchecked_into();
        Ok(Self { stream, track })
    }

    /// The pictures.
    pub fn stream(&self) -> &MediaStream {
        &self.stream
    }

    /// Which camera it is.
    pub fn device(&self) -> Option<String> {
        Reflect::get(&self.track.get_settings(), &"deviceId".into())
            .ok()?
            .as_string()
            .filter(|id| !id.is_empty())
    }

    /// Has it a torch?
    pub fn has_torch(&self) -> bool {
        let ask = || -> Result<bool, JsValue> {
            // Not every browser has the method.
            let method = Reflect::get(&self.track, &"getCapabilities".into())?.dyn_into::<js_sys::Function>()?;
            let capabilities = method.call0(&self.track)?;
            Ok(Reflect::get(&capabilities, &"torch".into())?.is_truthy())
        };
        ask().unwrap_or(false)
    }

    /// Turns the torch on or off.
    pub async fn set_torch(&self, on: bool) -> Result<(), JsValue> {
        let wanted = object(&[("torch", on.into())])?;
        let constraints = object(&[("advanced", Array::of1(&wanted).into())])?;
        let promise = self
            .track
            .apply_constraints_with_constraints(constraints.unchecked_ref())?;
        JsFuture::from(promise).await.map(drop)
    }
}

impl Drop for Camera {
    fn drop(&mut self) {
        self.track.stop();
    }
}

/// The cameras there are. Browsers name them only once one is or was running.
pub async fn list() -> Vec<String> {
    let ask = async {
        let promise = media_devices().ok()?.enumerate_devices().ok()?;
        let devices: Array = JsFuture::from(promise).await.ok()?.unchecked_into();
        let cameras = devices.iter().filter_map(|device| {
            let device: MediaDeviceInfo = device.unchecked_into();
            (device.kind() == MediaDeviceKind::Videoinput).then(|| device.device_id())
        });
        Some(cameras.collect())
    };
    ask.await.unwrap_or_default()
}

fn media_devices() -> Result<MediaDevices, CameraProblem> {
    let navigator = web_sys::window().ok_or(CameraProblem::Failed)?.navigator();
    let devices = Reflect::get(&navigator, &"mediaDevices".into()).map_err(|_| CameraProblem::Failed)?;
    if devices.is_undefined() {
        // Browsers hide it from pages that did not come safely.
        return Err(CameraProblem::Insecure);
    }
    Ok(devices.unchecked_into())
}

fn constraints(facing: Facing, device: Option<&str>) -> Result<MediaStreamConstraints, JsValue> {
    let ideal = |value: JsValue| object(&[("ideal", value)]).map(JsValue::from);
    let facing = match facing {
        Facing::Away => "environment",
        Facing::Towards => "user",
    };
    let which = match device {
        Some(device) => ("deviceId", ideal(device.into())?),
        None => ("facingMode", ideal(facing.into())?),
    };
    let video = object(&[which, ("width", ideal(1280.into())?), ("height", ideal(720.into())?)])?;
    object(&[("video", video.into()), ("audio", false.into())]).map(JsCast::unchecked_into)
}

fn object(entries: &[(&str, JsValue)]) -> Result<Object, JsValue> {
    let object = Object::new();
    for (name, value) in entries {
        Reflect::set(&object, &(*name).into(), value)?;
    }
    Ok(object)
}

fn problem(error: &JsValue) -> CameraProblem {
    let name = Reflect::get(error, &"name".into())
        .ok()
        .and_then(|name| name.as_string());
    match name.as_deref() {
        Some("NotAllowedError" | "SecurityError") => CameraProblem::Denied,
        Some("NotFoundError" | "OverconstrainedError") => CameraProblem::Missing,
        Some("NotReadableError" | "AbortError") => CameraProblem::InUse,
        _ => CameraProblem::Failed,
    }
}

//! What an operator sets for the whole deployment: how it is called, and what kiosks and pages show of it.

use crate::ids::Millis;
use serde::{Deserialize, Serialize};

/// The languages there are.
pub const LANGUAGES: [&str; 3] = ["ko", "zh", "en"];
/// After how many days a deposit is overdue, until an operator says otherwise.
pub const OVERDUE_DAYS: u32 = 14;
/// The largest picture that is taken, in bytes.
pub const LOGO_BYTES_MAX: usize = 256 * 1024;

/// The settings as they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Site {
    /// How the deployment is called; empty: as the product is.
    pub name: String,
    /// Whom to call, in one line; empty: nothing is shown.
    pub contact: String,
    /// A word of [`LANGUAGES`]: what a kiosk goes back to, and what visitors see whose browsers ask for none of ours; empty: not set.
    pub language: String,
    /// After how many days deposits in kiosks added from now on are overdue.
    pub overdue_days: u32,
    /// Address of the picture on this server; empty: there is none.
    pub logo: String,
}

impl Default for Site {
    fn default() -> Self {
        Self {
            name: String::new(),
            contact: String::new(),
            language: String::new(),
            overdue_days: OVERDUE_DAYS,
            logo: String::new(),
        }
    }
}

/// One of the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Setting {
    /// [`Site::name`]
    Name,
    /// [`Site::contact`]
    Contact,
    /// [`Site::language`]
    Language,
    /// [`Site::overdue_days`]
    OverdueDays,
    /// [`Site::logo`]
    Logo,
}

impl Setting {
    /// Every setting, in the order of the form.
    pub const ALL: [Self; 5] = [Self::Name, Self::Contact, Self::Language, Self::OverdueDays, Self::Logo];

    /// Its value as text.
    pub fn of(self, site: &Site) -> String {
        match self {
            Self::Name => site.name.clone(),
            Self::Contact => site.contact.clone(),
            Self::Language => site.language.clone(),
            Self::OverdueDays => site.overdue_days.to_string(),
            Self::Logo => site.logo.clone(),
        }
    }
}

/// That a setting was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingChange {
    /// When.
    pub at: Millis,
    /// By whom: a phone number; nothing: by the command line.
    pub who: Option<String>,
    /// Which one.
    pub setting: Setting,
    /// Its value before.
    pub before: String,
    /// Its value from then on.
    pub after: String,
}

/// Pictures that are taken. None of them can hold a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Picture {
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// WebP.
    WebP,
}

impl Picture {
    /// What the bytes are, by how they begin. What a file calls itself says nothing.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [
                0x89,
                b'P',
                b'N',
                b'G',
                0x0d,
                0x0a,
                0x1a,
                0x0a,
                _,
                _,
                _,
                _,
                b'I',
                b'H',
                b'D',
                b'R',
                ..,
            ] => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::WebP),
            _ => None,
        }
    }

    /// The word for it behind the name of a file.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::WebP => "webp",
        }
    }

    /// What browsers are told that it is.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::WebP => "image/webp",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_known_by_its_bytes_and_a_drawing_with_a_script_is_none() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0";
        assert_eq!(Picture::of(png), Some(Picture::Png));
        assert_eq!(Picture::of(b"\xff\xd8\xff\xe0\0\x10JFIF"), Some(Picture::Jpeg));
        assert_eq!(Picture::of(b"RIFF\x24\0\0\0WEBPVP8 "), Some(Picture::WebP));
        for none in [
            &b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"[..],
            b"\x89PNG\r\n\x1a\n",
            b"GIF89a",
            b"<html>",
            b"",
        ] {
            assert_eq!(Picture::of(none), None);
        }
    }
}

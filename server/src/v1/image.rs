//! `GET /v1/QrImage/:data`

use super::auth::Somebody;
use super::described::{in_query, text};
use super::error::Failure;
use super::segment::Segment;
use crate::state::AppState;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use backend::locker::codes;
use domain::error::{Problem, Refusal};
use domain::qr::{self, Level, Symbol};
use http::HeaderMap;
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, VARY};
use utoipa::openapi::path::Parameter;

/// Width and height of a PNG.
const PIXELS: usize = 400;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Png,
    Svg,
}

/// Draws a code for somebody who may have it.
pub async fn draw(
    State(state): State<AppState>,
    Somebody(who): Somebody,
    RawQuery(query): RawQuery,
    Segment(token): Segment,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let format = format(query.as_deref(), &headers)?;
    codes::check(&state.backend, &who, &token).await?;
    let symbol = qr::encode(&token, Level::M)?;
    let caching = [(CACHE_CONTROL, "no-store"), (VARY, "Accept")];
    Ok(match format {
        Format::Png => ([(CONTENT_TYPE, "image/png")], caching, png(&symbol)?).into_response(),
        Format::Svg => ([(CONTENT_TYPE, "image/svg+xml")], caching, symbol.to_svg()).into_response(),
    })
}

/// What may stand in the query.
pub fn parameters() -> Vec<Parameter> {
    vec![in_query("format", None, text(&["png", "svg"]))]
}

/// As asked by `format`, else as `Accept` prefers, else PNG.
fn format(query: Option<&str>, headers: &HeaderMap) -> Result<Format, Refusal> {
    let asked = form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .find(|(name, _)| name == "format")
        .map(|(_, value)| value.into_owned());
    match asked.as_deref() {
        Some("png") => Ok(Format::Png),
        Some("svg") => Ok(Format::Svg),
        Some(_) => Err(Refusal::field("format", Problem::Form)),
        None => {
            let accept = headers
                .get(ACCEPT)
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default();
            let svg = weight(accept, &["image/svg+xml"]);
            Ok(if svg > weight(accept, &["image/png", "image/*", "*/*"]) {
                Format::Svg
            } else {
                Format::Png
            })
        }
    }
}

/// How much a reader wants the first of these kinds that it names.
fn weight(accept: &str, kinds: &[&str]) -> f32 {
    let weight_of = |kind: &str| {
        accept.split(',').find_map(|item| {
            let mut parts = item.split(';').map(str::trim);
            if !parts.next()?.eq_ignore_ascii_case(kind) {
                return None;
            }
            let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse().ok());
            Some(weight.unwrap_or(1.0))
        })
    };
    kinds.iter().find_map(|kind| weight_of(kind)).unwrap_or(0.0)
}

/// Black and white, one bit a pixel, [`PIXELS`] wide and high.
fn png(symbol: &Symbol) -> Result<Vec<u8>, Refusal> {
    let pixels = symbol.to_bitmap(PIXELS).ok_or(Refusal::TooLarge { max_bytes: 2_331 })?;
    let mut bytes = Vec::with_capacity(4096);
    let side = u32::try_from(PIXELS).map_err(|_| Refusal::Internal)?;
    let mut encoder = png::Encoder::new(&mut bytes, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    encoder.set_compression(png::Compression::Fast);
    // Equal to the line above: that is what most lines of a drawn symbol are.
    encoder.set_filter(png::Filter::Up);
    let written = encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(&pixels));
    written.map_err(|error| {
        tracing::error!(%error, "no image could be made");
        Refusal::Internal
    })?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn by_accept(accept: &'static str) -> Format {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static(accept));
        format(None, &headers).unwrap()
    }

    #[test]
    fn the_format_is_what_was_asked_for() {
        assert_eq!(by_accept("image/svg+xml"), Format::Svg);
        assert_eq!(by_accept("image/svg+xml, image/png;q=0.5"), Format::Svg);
        for accept in [
            "*/*",
            "image/avif,image/svg+xml,image/*,*/*;q=0.8",
            "text/html",
            "image/png",
        ] {
            assert_eq!(by_accept(accept), Format::Png, "{accept}");
        }
        let none = HeaderMap::new();
        assert_eq!(format(Some("format=svg"), &none).unwrap(), Format::Svg);
        assert_eq!(format(Some("format=gif"), &none).unwrap_err().status(), 422);
    }

    #[test]
    fn the_drawn_modules_are_those_of_the_symbol() {
        let symbol = qr::encode("https://latchkey.example", Level::M).unwrap();
        let place = symbol.placement(PIXELS).unwrap();
        let bytes = png(&symbol).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(&bytes)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        for y in 0..PIXELS {
            for x in 0..PIXELS {
                let dark = pixels[y * PIXELS / 8 + x / 8] & (0x80 >> (x % 8)) == 0;
                let module = |at: usize| {
                    at.checked_sub(place.offset)
                        .map_or(usize::MAX, |inside| inside / place.scale)
                };
                assert_eq!(dark, symbol.is_dark(module(x), module(y)), "{x} {y}");
            }
        }
    }
}

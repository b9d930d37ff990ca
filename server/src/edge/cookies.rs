//! Cookies on their way in and out.

use http::header::{COOKIE, HeaderMap, HeaderValue, SET_COOKIE};

/// Keeps the cookies that are text, pair by pair, in one header. Another program on the same host may set one in an encoding of its own;
/// read as a whole, the header would lose ours with it. HTTP/2 may send each in a header of its own.
pub fn keep_readable(headers: &mut HeaderMap) {
    let mut sent = headers.get_all(COOKIE).iter();
    let (first, more) = (sent.next(), sent.next().is_some());
    if first.is_none_or(|only| !more && is_text(only.as_bytes())) {
        return;
    }
    let pairs = headers.get_all(COOKIE).iter();
    let pairs = pairs.flat_map(|value| value.as_bytes().split(|byte| *byte == b';'));
    let readable: Vec<&[u8]> = pairs
        .map(<[u8]>::trim_ascii)
        .filter(|pair| !pair.is_empty() && is_text(pair))
        .collect();
    match HeaderValue::from_bytes(&readable.join(&b"; "[..])) {
        Ok(value) if !readable.is_empty() => headers.insert(COOKIE, value),
        _ => headers.remove(COOKIE),
    };
}

fn is_text(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| matches!(byte, b' '..=b'~'))
}

/// Gives every cookie that is set, and the removal of one, the attribute `Secure`.
pub fn for_tls_only(headers: &mut HeaderMap) {
    for (_, value) in headers.iter_mut().filter(|(name, _)| **name == SET_COOKIE) {
        let mut attributes = value.as_bytes().split(|byte| *byte == b';').skip(1);
        if attributes.any(|attribute| attribute.trim_ascii().eq_ignore_ascii_case(b"secure")) {
            continue;
        }
        if let Ok(secure) = HeaderValue::from_bytes(&[value.as_bytes(), b"; Secure"].concat()) {
            *value = secure;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(sent: &[&[u8]]) -> Vec<Vec<u8>> {
        let mut headers = HeaderMap::new();
        for value in sent {
            headers.append(COOKIE, HeaderValue::from_bytes(value).unwrap());
        }
        keep_readable(&mut headers);
        headers
            .get_all(COOKIE)
            .iter()
            .map(|value| value.as_bytes().to_vec())
            .collect()
    }

    #[test]
    fn a_cookie_that_is_no_text_is_left_out_and_the_others_stay() {
        let ours = [b"latchkey=abc; lang=zh".to_vec()];
        // EUC-KR, GBK, UTF-8.
        for foreign in [
            &b"name=\xc8\xab\xb1\xe6"[..],
            b"name=\xd5\xc5\xc8\xfd",
            "name=홍길동".as_bytes(),
        ] {
            let around = [b"latchkey=abc; ", foreign, b"; lang=zh"].concat();
            assert_eq!(kept(&[&around]), ours);
            assert_eq!(kept(&[b"latchkey=abc", foreign, b"lang=zh"]), ours);
            assert_eq!(kept(&[foreign]), Vec::<Vec<u8>>::new());
        }
        assert_eq!(kept(&[b"latchkey=abc", b"lang=zh"]), ours);
        assert_eq!(kept(&[b"latchkey=abc; lang=zh"]), ours);
        assert_eq!(kept(&[]), Vec::<Vec<u8>>::new());
    }

    #[test]
    fn every_cookie_becomes_secure_once() {
        let mut headers = HeaderMap::new();
        for cookie in ["a=1; Path=/", "b=secure", "c=; Max-Age=0; SECURE"] {
            headers.append(SET_COOKIE, HeaderValue::from_static(cookie));
        }
        for_tls_only(&mut headers);
        let set: Vec<_> = headers.get_all(SET_COOKIE).iter().collect();
        assert_eq!(
            set,
            ["a=1; Path=/; Secure", "b=secure; Secure", "c=; Max-Age=0; SECURE"]
        );
    }
}

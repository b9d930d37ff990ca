//! One form of each path. Whatever looks at a path (routes, who may enter, the log) sees this form and no other.

/// The form of `path` that is served: no empty, `.` or `..` parts, no slash at the end, nothing escaped that need not be.
/// `None`: it is a path of no server of ours, because it has a backslash, which browsers take for a slash.
pub fn canonical(path: &str) -> Option<String> {
    if path == "*" {
        return Some(path.to_owned());
    }
    if !path.starts_with('/') || path.contains('\\') {
        return None;
    }
    let plain = unescaped(path);
    let mut parts: Vec<&str> = Vec::new();
    for part in plain.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    Some(format!("/{}", parts.join("/")))
}

/// Letters, digits and `-._~` as themselves; every other escape stays, because it may mean something else.
fn unescaped(path: &str) -> String {
    let mut plain = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(at) = rest.find('%') {
        plain.push_str(&rest[..at]);
        let escape = rest.get(at..at + 3).unwrap_or(&rest[at..=at]);
        let byte = escape.get(1..).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match byte.map(char::from) {
            Some(letter) if letter.is_ascii_alphanumeric() || "-._~".contains(letter) => plain.push(letter),
            _ => plain.push_str(escape),
        }
        rest = &rest[at + escape.len()..];
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_form() {
        for (path, form) in [
            ("/", "/"),
            ("/kiosk", "/kiosk"),
            ("/kiosk/", "/kiosk"),
            ("//kiosk//", "/kiosk"),
            ("//evil.example/", "/evil.example"),
            ("/x/../staff", "/staff"),
            ("/x/%2e%2E/staff/.", "/staff"),
            ("/../../etc", "/etc"),
            ("/..", "/"),
            ("/%73taff", "/staff"),
            ("/owner/guards/%7Ea", "/owner/guards/~a"),
            ("/owner/guards/a%2Fb", "/owner/guards/a%2Fb"),
            ("/v1/QrImage/..%2F..%2Fetc", "/v1/QrImage/..%2F..%2Fetc"),
            ("/a%20b%FF%00%zz%", "/a%20b%FF%00%zz%"),
            ("/%EA%B0%80/가", "/%EA%B0%80/가"),
            ("/%+1/x", "/%+1/x"),
            ("*", "*"),
        ] {
            assert_eq!(canonical(path).as_deref(), Some(form), "{path}");
            assert_eq!(canonical(form).as_deref(), Some(form), "{path}");
        }
        for path in ["/\\evil.example/", "\\", "", "x"] {
            assert_eq!(canonical(path), None, "{path}");
        }
    }
}

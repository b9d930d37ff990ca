//! Settings as a deployment gives them: each either holds or stops the start, and says so.

use crate::process::binary::{Running, get, latchkey, over_tls, refused};
use std::path::Path;

/// What the program says that is started with these variables, and does not start.
fn refused_with(data: &Path, variables: &[(&str, &str)]) -> String {
    let mut command = latchkey(data, &["serve", "--http", "127.0.0.1:0"]);
    let output = command.envs(variables.iter().copied()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        !output.status.success() && output.stdout.is_empty(),
        "{variables:?}: {said}"
    );
    said
}

#[test]
fn a_setting_that_cannot_hold_stops_the_start() {
    let data = tempfile::tempdir().unwrap();
    for (variables, named) in [
        (
            &[("LATCHKEY_TIME_ZONE", "Asia/Beijing")][..],
            &["--time-zone", "Asia/Shanghai"][..],
        ),
        (&[("LATCHKEY_TIME_ZONE", "GMT+8")], &["--time-zone", "Asia/Shanghai"]),
        (
            &[("LATCHKEY_TIMEZONE", "Asia/Seoul")],
            &["LATCHKEY_TIMEZONE", "LATCHKEY_TIME_ZONE"],
        ),
        (&[("LATCHKEY_LOG", "inof")], &["LATCHKEY_LOG", "inof"]),
        (&[("LATCHKEY_TLS_SELF_SIGNED", "perhaps")], &["--tls-self-signed"]),
        (&[("LATCHKEY_TLS_SELF_SIGNED", "1")], &["--https"]),
        (
            &[
                ("LATCHKEY_HTTPS", "nowhere.invalid:0"),
                ("LATCHKEY_TLS_SELF_SIGNED", "1"),
            ],
            &["nowhere.invalid:0"],
        ),
        (
            &[("LATCHKEY_ADVERTISE", "https://user@locks.example")],
            &["--advertise"],
        ),
        (&[("LATCHKEY_TLS_CERT", "a.pem")], &["--tls-key"]),
        (
            &[
                ("LATCHKEY_TLS_CERT", "a.pem"),
                ("LATCHKEY_TLS_KEY", "b.pem"),
                ("LATCHKEY_TLS_SELF_SIGNED", "yes"),
                ("LATCHKEY_HTTPS", "[::1]:0"),
            ],
            &["--tls-self-signed", "--tls-cert"],
        ),
        (
            &[(
                "LATCHKEY_DATABASE_URL",
                "postgres://u:pa55word@127.0.0.1/x?sslmod=require",
            )],
            &["--database-url", "sslmod"],
        ),
        (
            &[("LATCHKEY_NOTIFY_WEBHOOK", "ftp://x"), ("LATCHKEY_NOTIFY_SECRET", "s")],
            &["--notify-webhook"],
        ),
        (
            &[("LATCHKEY_VERIFY_NUMBERS", "yes")],
            &["--verify-numbers", "--notify-webhook"],
        ),
        (&[("LATCHKEY_MASTER_KEY", "short")], &["master key"]),
    ] {
        let said = refused_with(data.path(), variables);
        assert!(named.iter().all(|word| said.contains(word)), "{variables:?}: {said}");
        assert!(!said.contains("panic") && !said.contains("pa55word"), "{said}");
    }
    let said = refused(data.path(), &["serve", "--time-zone", "Asia/Soul"]);
    assert!(said.contains("Asia/Seoul"), "{said}");
    assert!(!data.path().join("latchkey.db").exists(), "nothing was begun");
}

#[test]
fn an_empty_variable_is_an_unset_one() {
    let data = tempfile::tempdir().unwrap();
    let mut command = latchkey(data.path(), &["serve"]);
    for name in [
        "LATCHKEY_HTTPS",
        "LATCHKEY_TLS_CERT",
        "LATCHKEY_TLS_KEY",
        "LATCHKEY_TLS_SELF_SIGNED",
        "LATCHKEY_ADVERTISE",
        "LATCHKEY_NODE",
        "LATCHKEY_WEIGHT",
        "LATCHKEY_TIME_ZONE",
        "LATCHKEY_NOTIFY_WEBHOOK",
        "LATCHKEY_NOTIFY_SECRET",
        "LATCHKEY_WAIT_FOR_DATABASE",
        "LATCHKEY_LEGACY_WINDOW",
        "LATCHKEY_VERIFY_NUMBERS",
        "LATCHKEY_MASTER_KEY",
        "LATCHKEY_LOG",
        "LATCHKEY_TIMEZONE",
    ] {
        command.env(name, "");
    }
    let server = Running::start(command.env("LATCHKEY_HTTP", "localhost:0"));
    assert!(
        server.http.starts_with("127.0.0.1:") || server.http.starts_with("[::1]:"),
        "{}",
        server.http
    );
    assert!(server.ask(&get("/v1/Clock")).starts_with("HTTP/1.1 200 "));
    server.terminate();
    server.ended();
}

#[test]
fn the_certificate_names_the_host_that_is_advertised() {
    let data = tempfile::tempdir().unwrap();
    let mut command = latchkey(data.path(), &["serve"]);
    let server = Running::start(command.envs([
        ("LATCHKEY_HTTP", "127.0.0.1:0"),
        ("LATCHKEY_HTTPS", ":0"),
        ("LATCHKEY_TLS_SELF_SIGNED", "YES"),
        ("LATCHKEY_ADVERTISE", "https://门禁.example:2017/"),
    ]));
    let https = server.https.clone().unwrap();
    let certificate = data.path().join("tls-self-signed.crt");
    for name in ["xn--ckzq59c.example", "localhost"] {
        let answer = over_tls(&https, &certificate, name, &get("/v1/Clock")).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    }
    server.terminate();
    server.ended();
}

#[test]
fn a_file_is_tried_before_it_is_imported() {
    let data = tempfile::tempdir().unwrap();
    let said = |arguments: &[&str]| {
        let output = latchkey(data.path(), arguments).output().unwrap();
        let (told, refused) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        (output.status.success(), format!("{told}{refused}"))
    };
    assert!(said(&["business", "add", "Hanbit"]).0);
    let header = "thingsSq,customerNo,customerName,address,meterKind,business\r\n";
    let (korean, ..) = encoding_rs::EUC_KR.encode("휑뎅");
    let row = [header.as_bytes(), b"1001,0211,", &korean, b",Seoul,LP,Hanbit\r\n"].concat();
    let file = data.path().join("orders.csv");
    std::fs::write(&file, row).unwrap();
    let file = file.to_str().unwrap();
    let (done, told) = said(&["order", "import", file]);
    assert!(!done && told.contains("--encoding"), "{told}");
    let (done, told) = said(&["order", "import", file, "--dry-run", "--encoding", "gbk"]);
    assert!(done && told.contains("dry run") && !told.contains("휑뎅"), "{told}");
    let (done, told) = said(&["order", "import", file, "--dry-run", "--encoding", "cp949"]);
    assert!(
        done && told.contains("is read as: 1001, 0211, 휑뎅") && told.contains("1 added"),
        "{told}"
    );
    let (done, told) = said(&["order", "import", file, "--encoding", "euc-kr"]);
    assert!(
        done && told.contains("1 added, 0 unchanged") && !told.contains("dry run"),
        "{told}"
    );
    let (done, told) = said(&["order", "import", file, "--encoding", "latin1"]);
    assert!(!done && told.contains("utf-8, euc-kr, gbk"), "{told}");
    let rows: String = (0..3).map(|row| format!("20{row},02,,,,Nobody\r\n")).collect();
    std::fs::write(file, format!("{header}{rows}2099,,,,,Hanbit\r\n")).unwrap();
    let (done, told) = said(&["order", "import", file, "--dry-run"]);
    assert!(
        !done && told.contains("3 refused: business") && told.contains("3 × Nobody"),
        "{told}"
    );
    assert!(
        told.contains("business add NAME") && told.contains("1 refused: customerNo"),
        "{told}"
    );
    refused_rows_are_written_to_a_file(data.path(), file, &said);

    let guards = data.path().join("guards.csv");
    std::fs::write(&guards, "guardId,deviceKey\r\nG0001,a-good-device-key\r\n").unwrap();
    let guards = guards.to_str().unwrap();
    let (done, told) = said(&["guard", "import", guards, "--dry-run"]);
    assert!(
        done && told.contains("G0001") && told.contains("1 added") && !told.contains("a-good"),
        "{told}"
    );
    let (done, told) = said(&["guard", "import", guards]);
    assert!(done && told.contains("1 added"), "{told}");
}

/// Those of the file just read: corrected, they can be imported.
fn refused_rows_are_written_to_a_file(data: &Path, file: &str, said: &dyn Fn(&[&str]) -> (bool, String)) {
    let refused = data.join("refused.csv");
    let path = refused.to_str().unwrap();
    let (done, told) = said(&["order", "import", file, "--dry-run", "--refused", path]);
    assert!(!done && told.contains("the refused rows are in"), "{told}");
    let text = std::fs::read_to_string(&refused).unwrap();
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines.len(), 5, "{text}");
    assert!(
        lines[0].starts_with("thingsSq,") && lines[0].ends_with("#line,#why"),
        "{text}"
    );
    assert!(
        lines[1].starts_with("200,02,,,,Nobody,2,") && lines[1].contains("business"),
        "{text}"
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&refused).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let (done, told) = said(&["order", "import", file, "--refused", path]);
    assert!(!done && told.contains(path) && !told.contains("added"), "{told}");
    assert_eq!(std::fs::read_to_string(&refused).unwrap(), text, "not written over");
    let corrected = text.replace("Nobody", "Hanbit").replace("2099,,", "2099,03,");
    std::fs::write(&refused, corrected).unwrap();
    let (done, told) = said(&["order", "import", path]);
    assert!(done && told.contains("4 added"), "{told}");
}

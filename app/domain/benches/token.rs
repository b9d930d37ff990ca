//! Figures for the token: sealing, opening, drawing, and carrying it in frames.

#[path = "../tests/token_rig/mod.rs"]
mod token_rig;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use domain::ids::{Millis, Phone, ThingsSq, Yid};
use domain::locker::compartments::{CompartmentStatus, ContentKind};
use domain::locker::kiosk::{UsedCodes, judge};
use domain::qr::{self, Level};
use domain::token::frames::{self, Decoder, Reading};
use domain::token::revoked::{Learnt, Subject};
use domain::token::{Caveat, CompartmentFields, CompartmentRow, Payload, Revocations, Voucher, narrow, open, seal};
use std::hint::black_box;
use token_rig::{key, random};

const NOW: Millis = Millis(1_772_000_000_123);

fn deposit() -> Payload {
    Payload::OpenToSave(CompartmentFields {
        serial: 3,
        jumper: 1,
        pwd: "90417".to_owned(),
        save_date: NOW.to_iso(),
        label: "A3".to_owned(),
        things_sq: Some(ThingsSq("1042".to_owned())),
    })
}

/// A kiosk with something in every second compartment.
fn kiosk(compartments: i64) -> Payload {
    let mut random = random(1);
    let mut number = move |below: u32| {
        let mut bytes = [0; 4];
        random(&mut bytes);
        u32::from_be_bytes(bytes) % below
    };
    let rows = (0..compartments).map(|at| {
        let (jumper, serial) = (at / 16 + 1, at % 16 + 1);
        let stored = at % 2 == 0;
        CompartmentRow {
            jumper,
            serial,
            status: if stored {
                CompartmentStatus::Stored
            } else {
                CompartmentStatus::Free
            },
            label: format!("{}{serial}", char::from(b'@' + jumper as u8)),
            pwd: stored.then(|| format!("{:05}", number(100_000))),
            save_date: stored.then(|| NOW.plus(-i64::from(number(2_000_000_000))).to_iso()),
            things_sq: stored.then(|| ThingsSq(format!("{}", 1_000 + number(9_000)))),
            kind: stored.then_some(ContentKind::Deposit),
        }
    });
    Payload::SaveToData(rows.collect())
}

fn tokens(c: &mut Criterion) {
    let key = key();
    let mut random = random(1);
    for (name, payload) in [
        ("deposit", deposit()),
        ("16 compartments", kiosk(16)),
        ("256 compartments", kiosk(256)),
    ] {
        let token = seal(&key, Yid(1234), NOW, &payload, &mut random).unwrap();
        eprintln!("{name}: {} characters", token.len());
        c.bench_function(&format!("seal/{name}"), |b| {
            b.iter(|| seal(&key, Yid(1234), NOW, black_box(&payload), &mut random));
        });
        c.bench_function(&format!("open/{name}"), |b| b.iter(|| open(&key, black_box(&token))));
    }
}

/// An ordinary code, and one that is nearly as large as a code can be.
fn symbols(c: &mut Criterion) {
    for length in [400, 2_300] {
        let letters = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.".chars();
        let token: String = letters.cycle().take(length).collect();
        c.bench_function(&format!("image/symbol of {length} characters"), |b| {
            b.iter(|| qr::encode(black_box(&token), Level::M));
        });
        let symbol = qr::encode(&token, Level::M).unwrap();
        c.bench_function(&format!("image/bitmap of {length} characters"), |b| {
            b.iter(|| black_box(&symbol).to_bitmap(400))
        });
        c.bench_function(&format!("image/svg of {length} characters"), |b| {
            b.iter(|| black_box(&symbol).to_svg())
        });
    }
}

fn animation(c: &mut Criterion) {
    let token = seal(&key(), Yid(1234), NOW, &kiosk(256), &mut random(1)).unwrap();
    let frames = frames::encode(&token).unwrap();
    let texts: Vec<_> = frames.iter().skip(1_000).take(frames.pieces() + 40).collect();
    eprintln!(
        "256 compartments: {} frames of {} characters",
        frames.pieces(),
        texts[0].len()
    );
    let mut group = c.benchmark_group("frames");
    group.throughput(Throughput::Elements(1));
    group.bench_function("code one", |b| b.iter(|| frames.text(black_box(1_234))));
    group.bench_function("draw one", |b| b.iter(|| qr::encode(black_box(&texts[0]), Level::M)));
    group.throughput(Throughput::Elements(frames.pieces() as u64));
    group.bench_function("decode all", |b| {
        b.iter_batched_ref(
            Decoder::default,
            |decoder| {
                let whole = |text: &String| matches!(decoder.receive(text), Reading::Whole(_));
                assert!(texts.iter().any(whole));
            },
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

/// A kiosk without network that knows of 10,000 revocations is shown a voucher that was narrowed three times.
fn vouchers(c: &mut Criterion) {
    let phones: Vec<Phone> = (0..10_000).map(|number| Phone(format!("0107{number:07}"))).collect();
    let gone: Vec<_> = phones.iter().map(Subject::Person).collect();
    c.bench_function("revoked/list of 10,000", |b| {
        b.iter(|| Revocations::of(NOW, black_box(&gone), &[]))
    });
    let list = Revocations::of(NOW.plus(1), &gone, &[]).unwrap();
    let bytes = list.to_bytes();
    eprintln!("10,000 revoked ids: {} bytes", bytes.len());
    c.bench_function("revoked/read 10,000", |b| {
        b.iter(|| Revocations::from_bytes(black_box(&bytes)))
    });
    let mut learnt = Learnt::default();
    learnt.learn(&list, NOW.plus(1));
    let voucher = Voucher {
        until: Millis(1_772_100_000_000),
        holder: Phone("01000000004".to_owned()),
        sign_in: "q7Yw2mZr0fJk9cTn4vXs6b".to_owned(),
        doors: (1..=8)
            .map(|serial| CompartmentFields {
                serial,
                jumper: 1,
                pwd: format!("9041{serial}"),
                save_date: NOW.to_iso(),
                label: format!("A{serial}"),
                things_sq: Some(ThingsSq(format!("104{serial}"))),
            })
            .collect(),
    };
    let key = key();
    let mut token = seal(&key, Yid(1234), NOW, &Payload::Voucher(voucher), &mut random(1)).unwrap();
    for name in ["Kim", "Lee", "Park"] {
        let caveat = Caveat {
            name: Some(name.to_owned()),
            ..Caveat::default()
        };
        token = narrow(&token, &caveat).unwrap();
    }
    let used = UsedCodes::default();
    c.bench_function("voucher/check with 10,000 revoked", |b| {
        b.iter(|| {
            let opened = open(&key, black_box(&token)).unwrap();
            let Payload::Voucher(voucher) = &opened.payload else {
                panic!("no voucher");
            };
            judge(voucher, &opened, NOW.plus(60_000), &used, &learnt).unwrap()
        });
    });
}

criterion_group!(benches, tokens, symbols, animation, vouchers);
criterion_main!(benches);

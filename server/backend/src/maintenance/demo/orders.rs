//! The sample orders 1001 to 1060.

use super::{DAESUNG, HANBIT};
use domain::ids::ThingsSq;
use std::fmt::Write;
use std::ops::RangeInclusive;

const SURNAMES: [&str; 10] = ["김", "이", "박", "최", "정", "강", "조", "윤", "장", "임"];
const GIVEN: [&str; 12] = [
    "민준", "서윤", "도현", "하은", "지우", "수빈", "예준", "은서", "현우", "채원", "성민", "유진",
];
const STREETS: [&str; 12] = [
    "서울특별시 서초구 서초대로 254",
    "서울특별시 서초구 반포대로 58",
    "서울특별시 강남구 역삼로 137",
    "서울특별시 강남구 봉은사로 428",
    "서울특별시 송파구 올림픽로 300",
    "서울특별시 관악구 관악로 145",
    "서울특별시 동작구 상도로 369",
    "경기도 과천시 별양상가로 13",
    "경기도 성남시 분당구 판교역로 166",
    "경기도 안양시 동안구 시민대로 235",
    "서울특별시 강동구 천호대로 1005",
    "서울특별시 용산구 한강대로 92",
];
const METER_KINDS: [&str; 4] = ["단상 저압 30A", "단상 저압 60A", "삼상 저압 120A", "심야전력 단상 60A"];

/// The order numbers of a range.
pub(super) fn numbers(range: RangeInclusive<i64>) -> Vec<ThingsSq> {
    range.map(|number| ThingsSq(number.to_string())).collect()
}

/// The business of an order: they take turns in threes, so that both have orders in every status.
pub(super) fn business(number: i64) -> &'static str {
    if (number / 3) % 2 == 0 { HANBIT } else { DAESUNG }
}

/// All of them as a file, as the utility's own system would deliver it, all received (A).
pub(super) fn csv() -> String {
    let mut file = String::from("thingsSq,customerNo,customerName,address,meterKind,business,status\n");
    for number in 1001..=1060_i64 {
        let index = number - 1001;
        let customer_no = 130_021_000 + index * 137;
        let name = format!("{}{}", pick(&SURNAMES, index * 7), pick(&GIVEN, index * 5 + index / 12));
        let address = format!(
            "{}, {}동 {}호",
            pick(&STREETS, index * 5),
            101 + index % 7,
            101 + (index % 12) * 100 + index % 4
        );
        let kind = pick(&METER_KINDS, index / 2 + index / 7);
        // Writing to a string cannot fail.
        let _written = writeln!(
            file,
            "{number},0{customer_no},{name},\"{address}\",{kind},{},A",
            business(number)
        );
    }
    file
}

fn pick<'a>(from: &[&'a str], index: i64) -> &'a str {
    usize::try_from(index)
        .ok()
        .and_then(|index| from.get(index % from.len()))
        .copied()
        .unwrap_or_default()
}

//! Orders from a CSV file.
//!
//! The first line names the columns, in any order and any case: `thingsSq`, `customerNo`, `customerName`, `address`, `meterKind`,
//! `business`, and where wanted `status` (A or B, A without it). A file with a missing, doubled or unknown column is refused as a whole,
//! because a column that was silently left out would only be missed much later. Rows stand or fall one by one:
//!
//! * an unknown key becomes a new order;
//! * a known key with the same content is unchanged, or moves on from A to B where the row says B; it never goes back;
//! * a known key with other content is refused as taken: whether the file or the order is right, a person has to say.

use super::{NewOrder, insert, parse, ready_within};
use crate::db::{fault, parameters};
use crate::{Actor, Backend, Result, businesses};
use domain::error::{Problem, Refusal};
use domain::locker::orders::{ImportReport, Order, OrderStatus, RowError};
use encoding_rs::{EUC_KR, Encoding, GB18030, GBK, UTF_8};
use std::collections::{HashMap, HashSet};

/// Largest file.
pub const BYTES_MAX: usize = 10 * 1024 * 1024;
/// Most rows of a file.
pub const ROWS_MAX: u32 = 50_000;
/// Rows of one transaction: few enough that others get their turn.
const ROWS_AT_ONCE: usize = 200;

const REQUIRED: [&str; 6] = [
    "thingsSq",
    "customerNo",
    "customerName",
    "address",
    "meterKind",
    "business",
];
const STATUS: &str = "status";

/// A row that was read and makes sense by itself.
struct Read {
    line: u64,
    order: Order,
}

pub(super) async fn run(b: &Backend, who: &Actor, bytes: &[u8]) -> Result<ImportReport> {
    who.require_operator()?;
    if bytes.len() > BYTES_MAX {
        return Err(Refusal::TooLarge {
            max_bytes: BYTES_MAX as u64,
        });
    }
    let (text, encoding) = decode(bytes)?;
    let mut report = ImportReport {
        encoding: encoding.to_owned(),
        ..ImportReport::default()
    };
    let rows = read(&text, &mut report.errors)?;
    let mut known = HashSet::new();
    for rows in rows.chunks(ROWS_AT_ONCE) {
        learn_businesses(b, rows, &mut known).await?;
        store(b, who, rows, &known, &mut report).await?;
    }
    report.errors.sort_by_key(|error| error.line);
    Ok(report)
}

/// Reads a text by the delimiter its header line shows.
pub(crate) fn reader(text: &str) -> csv::Reader<&[u8]> {
    let header = text.lines().next().unwrap_or_default();
    let delimiter = [b',', b';', b'\t']
        .into_iter()
        .find(|delimiter| header.contains(char::from(*delimiter)))
        .unwrap_or(b',');
    csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes())
}

/// The text and the encoding it was in: by its byte order mark, else UTF-8 where it is valid, else the Korean or Chinese one it
/// looks like.
pub(crate) fn decode(bytes: &[u8]) -> Result<(String, &'static str)> {
    let encoding = Encoding::for_bom(bytes).map_or_else(
        || {
            if std::str::from_utf8(bytes).is_ok() {
                UTF_8
            } else {
                korean_or_chinese(bytes)
            }
        },
        |(encoding, _)| encoding,
    );
    let (text, _, damaged) = encoding.decode(bytes);
    if damaged || text.contains('\0') {
        return Err(Refusal::malformed("the file is not text in UTF-8, EUC-KR or GBK"));
    }
    let name = if encoding == GB18030 {
        GBK.name()
    } else {
        encoding.name()
    };
    Ok((text.into_owned(), name))
}

fn korean_or_chinese(bytes: &[u8]) -> &'static Encoding {
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let guess = detector.guess(None, chardetng::Utf8Detection::Deny);
    if guess == EUC_KR {
        return EUC_KR;
    }
    if guess == GBK || guess == GB18030 {
        return GB18030;
    }
    // Too little text for the detector. Chinese read as Korean is a mixture of Hangul and Hanja, Korean is nearly all Hangul.
    let (text, _, damaged) = EUC_KR.decode(bytes);
    let foreign = text.chars().filter(|c| !c.is_ascii()).count();
    let hangul = text.chars().filter(|c| ('가'..='힣').contains(c)).count();
    if !damaged && hangul * 10 >= foreign * 9 {
        EUC_KR
    } else {
        GB18030
    }
}

/// The rows that make sense; why the others do not goes into `errors`.
fn read(text: &str, errors: &mut Vec<RowError>) -> Result<Vec<Read>> {
    let mut reader = reader(text);
    let columns = columns(
        reader
            .headers()
            .map_err(|error| Refusal::malformed(error.to_string()))?,
    )?;
    let mut rows = Vec::new();
    let mut count = 0;
    for record in reader.records() {
        let record = record.map_err(|error| Refusal::malformed(error.to_string()))?;
        count += 1;
        if count > ROWS_MAX {
            return Err(Refusal::field("file", Problem::TooLong { max: ROWS_MAX }));
        }
        let line = record.position().map_or(0, csv::Position::line);
        match read_row(&record, &columns) {
            Ok(order) => rows.push(Read { line, order }),
            Err(refusal) => errors.push(RowError { line, refusal }),
        }
    }
    Ok(rows)
}

/// Which column stands where.
fn columns(header: &csv::StringRecord) -> Result<HashMap<&'static str, usize>> {
    let mut columns = HashMap::new();
    for (index, name) in header.iter().enumerate() {
        let known = REQUIRED
            .into_iter()
            .chain([STATUS])
            .find(|known| known.eq_ignore_ascii_case(name))
            .ok_or_else(|| Refusal::field(&name.chars().take(64).collect::<String>(), Problem::Unknown))?;
        if columns.insert(known, index).is_some() {
            return Err(Refusal::field(known, Problem::Taken));
        }
    }
    match REQUIRED.into_iter().find(|name| !columns.contains_key(name)) {
        Some(missing) => Err(Refusal::field(missing, Problem::Required)),
        None => Ok(columns),
    }
}

fn read_row(record: &csv::StringRecord, columns: &HashMap<&'static str, usize>) -> Result<Order> {
    if record.len() != columns.len() {
        let (found, expected) = (record.len(), columns.len());
        return Err(Refusal::malformed(format!(
            "{found} cells where the header has {expected}"
        )));
    }
    let cell = |name: &str| {
        let index = columns.get(name).copied();
        index.and_then(|index| record.get(index)).unwrap_or_default().to_owned()
    };
    parse(&NewOrder {
        things_sq: cell("thingsSq"),
        customer_no: cell("customerNo"),
        customer_name: cell("customerName"),
        address: cell("address"),
        meter_kind: cell("meterKind"),
        business: cell("business"),
        status: cell(STATUS),
    })
}

async fn learn_businesses(b: &Backend, rows: &[Read], known: &mut HashSet<String>) -> Result<()> {
    let mut names: Vec<&str> = rows
        .iter()
        .map(|row| row.order.business.as_str())
        .filter(|name| !known.contains(*name))
        .collect();
    names.sort_unstable();
    names.dedup();
    let found = businesses::among(b, &names).await?;
    known.extend(found);
    Ok(())
}

/// One transaction's worth of rows.
async fn store(
    b: &Backend,
    who: &Actor,
    rows: &[Read],
    businesses: &HashSet<String>,
    report: &mut ImportReport,
) -> Result<()> {
    let mut keys = HashSet::new();
    let mut fresh = Vec::new();
    let mut others: Vec<&Read> = Vec::new();
    for row in rows {
        if !businesses.contains(row.order.business.as_str()) {
            let refusal = Refusal::field("business", Problem::Unknown);
            report.errors.push(RowError {
                line: row.line,
                refusal,
            });
        } else if keys.insert(row.order.things_sq.as_str()) {
            fresh.push(row);
        } else {
            others.push(row);
        }
    }
    if fresh.is_empty() {
        return Ok(());
    }
    fresh.sort_by(|a, b| a.order.things_sq.cmp(&b.order.things_sq));
    let orders: Vec<Order> = fresh.iter().map(|row| row.order.clone()).collect();
    let mut tx = b.db().begin().await?;
    let added: HashSet<String> = insert(b, &mut tx, &orders, who.phone()).await?.into_iter().collect();
    report.added += u32::try_from(added.len()).unwrap_or(u32::MAX);
    others.extend(
        fresh
            .into_iter()
            .filter(|row| !added.contains(row.order.things_sq.as_str())),
    );
    compare(b, &mut tx, who, &others, report).await?;
    tx.commit().await.map_err(fault)
}

/// Rows whose key exists: unchanged, on from A to B, or taken.
async fn compare(
    b: &Backend,
    tx: &mut crate::db::Tx,
    who: &Actor,
    rows: &[&Read],
    report: &mut ImportReport,
) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "SELECT {} FROM orders WHERE things_sq IN ({})",
        super::COLUMNS,
        parameters(1, rows.len())
    );
    let mut query = sqlx::query_as::<_, super::OrderRow>(&sql).persistent(false);
    for row in rows {
        query = query.bind(row.order.things_sq.as_str());
    }
    let existing = query.fetch_all(&mut **tx).await.map_err(fault)?;
    let existing: HashMap<String, Order> = existing
        .into_iter()
        .map(|row| row.order().map(|order| (order.things_sq.0.clone(), order)))
        .collect::<Result<_>>()?;
    let mut ready = Vec::new();
    for row in rows {
        let key = row.order.things_sq.as_str();
        match existing.get(key) {
            Some(order) if same_content(order, &row.order) => {
                if order.status == OrderStatus::Received && row.order.status == OrderStatus::Ready {
                    ready.push(key);
                } else {
                    report.unchanged += 1;
                }
            }
            _ => report.errors.push(RowError {
                line: row.line,
                refusal: Refusal::field("thingsSq", Problem::Taken),
            }),
        }
    }
    ready.sort_unstable();
    let moved = ready_within(b, tx, &ready, who.phone()).await?;
    report.updated += moved;
    report.unchanged += u32::try_from(ready.len()).unwrap_or(u32::MAX).saturating_sub(moved);
    Ok(())
}

fn same_content(one: &Order, other: &Order) -> bool {
    one.customer_no == other.customer_no
        && one.customer_name == other.customer_name
        && one.address == other.address
        && one.meter_kind == other.meter_kind
        && one.business == other.business
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoding_of(text: &str, encoding: &'static Encoding) -> &'static str {
        let (bytes, _, _) = encoding.encode(text);
        let (back, name) = decode(&bytes).unwrap();
        assert_eq!(back, text);
        name
    }

    #[test]
    fn korean_and_chinese_are_told_apart_even_in_little_text() {
        for text in [
            "한빛전기",
            "1001,홍길동,서울특별시 중구 세종대로 110,전자식 단상",
            "thingsSq\n김",
        ] {
            assert_eq!(encoding_of(text, EUC_KR), "EUC-KR", "{text}");
        }
        for text in [
            "1001,张伟,北京市海淀区中关村大街1号,单相电子式",
            "thingsSq\n国家电网有限公司的客户地址",
        ] {
            assert_eq!(encoding_of(text, GBK), "GBK", "{text}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_first_column() {
        let (text, name) = decode("\u{feff}thingsSq".as_bytes()).unwrap();
        assert_eq!((text.as_str(), name), ("thingsSq", "UTF-8"));
    }

    #[test]
    fn what_is_no_text_is_refused() {
        assert!(matches!(
            decode(&[0xff, 0xff, 0x80, 0x00]),
            Err(Refusal::Malformed { .. })
        ));
        assert!(matches!(decode(b"a\0b"), Err(Refusal::Malformed { .. })));
    }
}

//! A page of orders as one row of one text. The driver hands every row over from another thread and describes each of its columns again,
//! which costs more than finding the rows: fifty rows of fourteen columns take several times as long as one text that holds them.

use super::OrderRow;
use crate::Result;
use crate::db::fault;

/// Between fields and between rows. Everything that is stored of an order is one line without control characters, but for
/// `label`, which a kiosk wrote: it is freed of them here.
const FIELD: &str = "\u{1f}";
const ROW: &str = "\u{1e}";

/// The separators, to be bound to the two parameters after the statement's own.
pub(crate) const fn separators() -> [&'static str; 2] {
    [FIELD, ROW]
}

/// The statement that packs the rows of `rows`, a statement with `parameters` parameters, in its order.
pub(crate) fn packing(rows: &str, parameters: usize) -> String {
    let (field, row) = (parameters + 1, parameters + 2);
    let number = |column: &str| format!("COALESCE(CAST({column} AS TEXT), '')");
    let fields = [
        "things_sq".to_owned(),
        "customer_no".to_owned(),
        "customer_name".to_owned(),
        "address".to_owned(),
        "meter_kind".to_owned(),
        "business".to_owned(),
        "status".to_owned(),
        number("yid"),
        number("jumper"),
        number("serial"),
        format!("replace(replace(COALESCE(label, ''), ${field}, ''), ${row}, '')"),
        number("stored_at"),
        "COALESCE(stored_by, '')".to_owned(),
        number("done_at"),
    ];
    let line = fields.join(&format!(" || ${field} || "));
    format!("SELECT string_agg({line}, ${row}) FROM ({rows}) AS page")
}

/// What was packed.
pub(crate) fn unpack(text: Option<&str>) -> Result<Vec<OrderRow>> {
    text.map_or(Ok(Vec::new()), |text| text.split(ROW).map(row).collect())
}

fn row(line: &str) -> Result<OrderRow> {
    let fields: Vec<&str> = line.split(FIELD).collect();
    let &[
        things_sq,
        customer_no,
        customer_name,
        address,
        meter_kind,
        business,
        status,
        yid,
        jumper,
        serial,
        label,
        stored_at,
        stored_by,
        done_at,
    ] = fields.as_slice()
    else {
        return Err(fault("an order with a control character in it"));
    };
    let number = |text: &str| match text {
        "" => Ok(None),
        digits => digits.parse().map(Some).map_err(fault),
    };
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Ok(OrderRow {
        things_sq: things_sq.to_owned(),
        customer_no: customer_no.to_owned(),
        customer_name: customer_name.to_owned(),
        address: address.to_owned(),
        meter_kind: meter_kind.to_owned(),
        business: business.to_owned(),
        status: status.to_owned(),
        yid: number(yid)?,
        jumper: number(jumper)?,
        serial: number(serial)?,
        label: text(label),
        stored_at: number(stored_at)?,
        stored_by: text(stored_by),
        done_at: number(done_at)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_found_is_no_row() {
        assert!(unpack(None).unwrap().is_empty());
    }

    #[test]
    fn a_row_comes_out_as_it_went_in() {
        let line = [
            "1",
            "02",
            "김",
            "서울, \"1\"",
            "",
            "한빛",
            "C",
            "7",
            "1",
            "3",
            "A3",
            "5",
            "",
            "",
        ]
        .join(FIELD);
        let rows = unpack(Some(&[line.as_str(), line.as_str()].join(ROW))).unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!(
            (rows[0].address.as_str(), rows[0].meter_kind.as_str()),
            ("서울, \"1\"", "")
        );
        assert_eq!(
            (rows[0].serial, rows[0].stored_at, rows[0].done_at),
            (Some(3), Some(5), None)
        );
        assert_eq!(
            (rows[0].label.as_deref(), rows[0].stored_by.as_deref()),
            (Some("A3"), None)
        );
    }

    #[test]
    fn a_broken_row_is_a_fault_and_no_panic() {
        assert!(unpack(Some("1")).is_err());
    }
}

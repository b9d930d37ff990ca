//! The outcome as a table and as a picture.

use super::mix::KINDS;
use super::open_loop::{Outcome, Plan};
use hdrhistogram::Histogram;
use plotters::prelude::*;
use std::fmt::Write;
use std::path::Path;

const PERCENTILES: [f64; 5] = [50.0, 90.0, 99.0, 99.9, 100.0];
const SIZE: (u32, u32) = (1100, 900);

fn ms(histogram: &Histogram<u64>, percentile: f64) -> f64 {
    histogram.value_at_percentile(percentile) as f64 / 1000.0
}

/// Each kind in a line: how many, and within how many milliseconds.
pub fn table(outcome: &Outcome, plan: &Plan) -> String {
    let mut text = format!(
        "{:.0} requests a second for {} s over {} connections; milliseconds from when each should have been sent\n\n{:<28}{:>9}",
        plan.rate,
        plan.lasts.as_secs(),
        plan.connections,
        "",
        "answers"
    );
    for name in ["p50", "p90", "p99", "p99.9", "longest"] {
        write!(text, "{name:>10}").expect("a text");
    }
    text.push('\n');
    let all = outcome.all();
    let rows = KINDS
        .iter()
        .filter_map(|(kind, name, _)| Some((*name, outcome.kinds.get(kind)?)));
    for (name, histogram) in rows.chain([("all", &all)]) {
        write!(text, "{name:<28}{:>9}", histogram.len()).expect("a text");
        for percentile in PERCENTILES {
            write!(text, "{:>10.1}", ms(histogram, percentile)).expect("a text");
        }
        text.push('\n');
    }
    writeln!(text, "\nunanswered at the end: {}", outcome.unanswered).expect("a text");
    for (problem, count) in &outcome.failed {
        writeln!(text, "failed: {count} × {problem}").expect("a text");
    }
    text
}

/// Above, how long the slowest share of each kind took; below, how it went second by second.
pub fn picture(outcome: &Outcome, path: &Path) {
    let root = SVGBackend::new(path, SIZE).into_drawing_area();
    root.fill(&WHITE).expect("a picture");
    let (above, below) = root.split_vertically(SIZE.1 / 2);
    shares(outcome, &above);
    seconds(outcome, &below);
    root.present().expect("the picture can be written");
}

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

/// The highest value, so that the axis holds it.
fn most_ms(outcome: &Outcome) -> f64 {
    (outcome.all().max() as f64 / 1000.0).max(10.0)
}

fn shares(outcome: &Outcome, area: &Area) {
    /// 99.99 %.
    const RAREST: f64 = 10_000.0;
    let mut chart = ChartBuilder::on(area)
        .caption("milliseconds by percentile", ("sans-serif", 20))
        .margin(12)
        .x_label_area_size(30)
        .y_label_area_size(60)
        .build_cartesian_2d((1.0..RAREST).log_scale(), (0.1..most_ms(outcome)).log_scale())
        .expect("axes");
    chart
        .configure_mesh()
        .x_label_formatter(&|one_of| format!("{} %", 100.0 - 100.0 / one_of))
        .y_label_formatter(&|ms| format!("{ms}"))
        .draw()
        .expect("a mesh");
    for (index, (kind, name, _)) in KINDS.iter().enumerate() {
        let Some(histogram) = outcome.kinds.get(kind).filter(|histogram| !histogram.is_empty()) else {
            continue;
        };
        let color = Palette99::pick(index).to_rgba();
        let points = (0..=80).map(|step| {
            let one_of = 10_f64.powf(f64::from(step) / 20.0);
            (one_of, ms(histogram, 100.0 - 100.0 / one_of).max(0.1))
        });
        chart
            .draw_series([PathElement::new(points.collect::<Vec<_>>(), color.stroke_width(2))])
            .expect("a line")
            .label(*name)
            .legend(move |(x, y)| PathElement::new(vec![(x, y), (x + 16, y)], color.stroke_width(2)));
    }
    legend(&mut chart, SeriesLabelPosition::LowerRight);
}

/// What is drawn of a second.
type Figure = fn(&Histogram<u64>) -> f64;

fn seconds(outcome: &Outcome, area: &Area) {
    let seconds = outcome.seconds.len().max(2);
    let mut chart = ChartBuilder::on(area)
        .caption(
            "second by second: answers (grey, ×0.1), p50 and p99 in milliseconds",
            ("sans-serif", 20),
        )
        .margin(12)
        .x_label_area_size(30)
        .y_label_area_size(60)
        .build_cartesian_2d(0.0..seconds as f64 - 1.0, (0.1..most_ms(outcome)).log_scale())
        .expect("axes");
    chart
        .configure_mesh()
        .y_label_formatter(&|ms| format!("{ms}"))
        .draw()
        .expect("a mesh");
    let lines: [(&str, RGBColor, Figure); 3] = [
        ("answers", RGBColor(150, 150, 150), |histogram| {
            histogram.len() as f64 / 10.0
        }),
        ("p50", BLUE, |histogram| ms(histogram, 50.0)),
        ("p99", RED, |histogram| ms(histogram, 99.0)),
    ];
    for (name, color, value) in lines {
        let points = outcome
            .seconds
            .iter()
            .enumerate()
            .map(|(second, histogram)| (second as f64, value(histogram).max(0.1)));
        chart
            .draw_series([PathElement::new(points.collect::<Vec<_>>(), color.stroke_width(2))])
            .expect("a line")
            .label(name)
            .legend(move |(x, y)| PathElement::new(vec![(x, y), (x + 16, y)], color.stroke_width(2)));
    }
    legend(&mut chart, SeriesLabelPosition::UpperLeft);
}

fn legend<'a, X: Ranged<ValueType = f64>, Y: Ranged<ValueType = f64>>(
    chart: &mut ChartContext<'a, SVGBackend<'a>, Cartesian2d<X, Y>>,
    position: SeriesLabelPosition,
) {
    chart
        .configure_series_labels()
        .position(position)
        .background_style(WHITE.mix(0.8))
        .border_style(BLACK)
        .draw()
        .expect("a legend");
}

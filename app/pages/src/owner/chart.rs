//! How often the doors were opened, by day and by hour of the day: as pictures in the colours of the page, and as a table for who
//! cannot see them.

use domain::guard::records::{Day, Openings};
use islands::context;
use islands::date::number;
use islands::i18n::{Locale, td_string};
use jiff::civil::Date;
use leptos::prelude::*;
use plotters::prelude::{ChartBuilder, Color, IntoDrawingArea, IntoFont, RGBColor, Rectangle, SVGBackend};

/// Small enough that the letters are legible on a phone.
const SIZE: (u32, u32) = (360, 190);
/// Stand for the page's colours, which a drawing library cannot name, and are put in afterwards.
const INK: RGBColor = RGBColor(1, 2, 3);
const BAR: RGBColor = RGBColor(4, 5, 6);
const INK_TEXT: &str = "#010203";
const BAR_TEXT: &str = "#040506";

/// Both charts and their table.
#[component]
pub fn Charts(
    /// What to draw.
    openings: Openings,
) -> impl IntoView {
    let locale = context::locale();
    let by_day: Vec<(String, u32)> = openings
        .by_day
        .iter()
        .map(|day| (day_word(locale, day), day.count))
        .collect();
    let by_hour: Vec<(String, u32)> = (0_u8..)
        .zip(openings.by_hour)
        .map(|(hour, count)| (format!("{hour:02}:00"), count))
        .collect();
    let total: u32 = by_day.iter().map(|(_, count)| count).sum();
    let word = |bar: Option<&(String, u32)>| bar.map_or(String::new(), |(day, _)| day.clone());
    let (first, last) = (word(by_day.first()), word(by_day.last()));
    let (first, last) = (first.as_str(), last.as_str());
    let caption = match total {
        0 => td_string!(locale, owner_records.openings_none, first = first, last = last).to_string(),
        _ => td_string!(
            locale,
            owner_records.openings_total,
            count = number(total),
            first = first,
            last = last
        )
        .to_string(),
    };
    view! {
        <section class="card-plain flex flex-col gap-4" aria-labelledby="chart" data-testid="chart">
            <h2 id="chart" class="text-lg font-semibold">{td_string!(locale, owner_records.openings)}</h2>
            <p data-testid="openings-total">{caption}</p>
            {(total > 0).then(|| pictures(locale, by_day, by_hour))}
        </section>
    }
    .into_any()
}

fn pictures(locale: Locale, by_day: Vec<(String, u32)>, by_hour: Vec<(String, u32)>) -> AnyView {
    view! {
            <div class="grid gap-4 md:grid-cols-2 lg:grid-cols-1">
                {figure(locale, td_string!(locale, owner_records.by_day), &by_day)}
                {figure(locale, td_string!(locale, owner_records.by_hour), &by_hour)}
            </div>
            <details id="chart-table">
                <summary class="min-h-12 cursor-pointer content-center">{td_string!(locale, owner_records.as_table)}</summary>
                <div class="grid items-start gap-4 sm:grid-cols-2">
                    {table(locale, td_string!(locale, owner_records.day), by_day)}
                    {table(locale, td_string!(locale, owner_records.hour), by_hour)}
                </div>
            </details>
    }
    .into_any()
}

fn day_word(locale: Locale, day: &Day) -> String {
    let (year, month, day) = day.date;
    if locale == Locale::en {
        return Date::new(year, month, day).map_or(String::new(), |date| date.strftime("%-d %b").to_string());
    }
    td_string!(locale, owner_records.month_day, month = month, day = day).to_string()
}

fn figure(locale: Locale, title: &'static str, bars: &[(String, u32)]) -> AnyView {
    let most = bars
        .iter()
        .max_by_key(|(_, count)| *count)
        .filter(|(_, count)| *count > 0);
    let label = match most {
        Some((when, count)) => td_string!(
            locale,
            owner_records.chart_alt,
            title = title,
            when = when.as_str(),
            count = number(*count)
        )
        .to_string(),
        None => td_string!(locale, owner_records.chart_empty, title = title).to_string(),
    };
    // A person who cannot see it has the words and the table.
    let picture = svg(bars).unwrap_or_default();
    view! {
        <figure class="flex flex-col gap-1">
            <figcaption class="font-medium">{title}</figcaption>
            <div class="chart" role="img" aria-label=label inner_html=picture></div>
        </figure>
    }
    .into_any()
}

fn table(locale: Locale, first: &'static str, rows: Vec<(String, u32)>) -> AnyView {
    let rows: Vec<_> = rows
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(when, count)| view! { <tr><th scope="row" class="font-normal">{when}</th><td class="text-right tabular-nums">{number(count)}</td></tr> })
        .collect();
    view! {
        <table class="table-sm table">
            <thead><tr><th scope="col">{first}</th><th scope="col" class="text-right">{td_string!(locale, owner_records.openings)}</th></tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

/// Bars in the colours of the page.
fn svg(bars: &[(String, u32)]) -> Option<String> {
    let mut drawn = String::new();
    draw(&mut drawn, bars).ok()?;
    // The element around it says what it is; the picture takes the width there is.
    Some(
        drawn
            .replace(INK_TEXT, "currentColor")
            .replace(BAR_TEXT, "var(--color-primary)"),
    )
}

fn draw(out: &mut String, bars: &[(String, u32)]) -> Result<(), Box<dyn std::error::Error>> {
    let root = SVGBackend::with_string(out, SIZE).into_drawing_area();
    let end = f64::from(u32::try_from(bars.len())?.max(1));
    let top = f64::from(round_up(bars.iter().map(|(_, count)| *count).max().unwrap_or(0)));
    let mut chart = ChartBuilder::on(&root)
        .margin(8)
        .margin_right(24)
        .x_label_area_size(28)
        .y_label_area_size(44)
        .build_cartesian_2d(0.0..end, 0.0..top)?;
    let nth = |at: &f64| {
        let bar = bars
            .iter()
            .zip(0_u32..)
            .find(|(_, index)| (f64::from(*index) - at).abs() < 0.01);
        bar.map_or(String::new(), |((label, _), _)| label.clone())
    };
    let text = ("sans-serif", 14).into_font().color(&INK);
    chart
        .configure_mesh()
        .disable_x_mesh()
        .x_labels(5)
        .y_labels(5)
        .x_label_formatter(&nth)
        .y_label_formatter(&|count| format!("{count:.0}"))
        .label_style(text)
        .axis_style(INK.mix(0.4))
        .bold_line_style(INK.mix(0.15))
        .light_line_style(INK.mix(0.0))
        .draw()?;
    let places = bars.iter().zip(0_u32..).map(|((_, count), index)| {
        let (left, height) = (f64::from(index), f64::from(*count));
        Rectangle::new([(left + 0.12, 0.0), (left + 0.88, height)], BAR.filled())
    });
    chart.draw_series(places)?;
    root.present()?;
    drop(chart);
    Ok(())
}

/// To a number whose quarters are whole, so that the lines stand at whole counts.
fn round_up(most: u32) -> u32 {
    let steps = [
        4, 8, 12, 20, 40, 60, 80, 100, 200, 400, 600, 800, 1_000, 2_000, 4_000, 8_000, 10_000, 20_000, 40_000, 100_000,
    ];
    let found = steps.into_iter().find(|step| *step >= most);
    found.unwrap_or_else(|| most.saturating_add(4) / 4 * 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_is_in_the_colours_of_the_page() {
        let bars: Vec<_> = (0..30).map(|at| (format!("day {at} <x>"), at % 7)).collect();
        let svg = svg(&bars).unwrap();
        assert!(svg.contains("currentColor") && svg.contains("var(--color-primary)"));
        assert!(!svg.contains("#0") && !svg.contains("<x>"), "{svg}");
    }

    #[test]
    fn a_chart_of_nothing_is_no_failure() {
        assert!(svg(&[]).is_some());
        assert!(svg(&[("1".to_owned(), u32::MAX)]).is_some());
    }

    #[test]
    fn lines_stand_at_whole_counts() {
        assert_eq!(
            (round_up(0), round_up(5), round_up(101), round_up(100_001)),
            (4, 8, 200, 100_004)
        );
    }
}

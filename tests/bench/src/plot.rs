//! The plot: for each claim a bar to what was reached, a line over its percentiles, and where floor and goal
//! are. The scale is logarithmic.

use std::fmt::Write as _;

use crate::report::Reached;

const WIDTH: f64 = 860.0;
/// Where the scale begins and ends.
const LEFT: f64 = 400.0;
const RIGHT: f64 = 830.0;
const ROW: f64 = 22.0;
const TOP: f64 = 44.0;

pub fn draw(reached: &[Reached]) -> String {
    let most = reached.iter().flat_map(|one| [one.goal, one.ratio.high]).fold(10.0, f64::max) * 1.1;
    let least = 0.5_f64;
    let x = |ratio: f64| {
        let share = (ratio.max(least) / least).ln() / (most / least).ln();
        LEFT + share * (RIGHT - LEFT)
    };
    let height = TOP + ROW * reached.len() as f64 + 34.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"10\" y=\"20\" font-size=\"14\" font-weight=\"bold\">How many times as fast as others</text>\n"
    );
    let bottom = height - 28.0;
    for mark in [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0].into_iter().filter(|mark| *mark < most)
    {
        let at = x(mark);
        let colour = if mark == 1.0 { "#888" } else { "#ddd" };
        writeln!(
            svg,
            "<line x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"{y1}\" y2=\"{bottom}\" stroke=\"{colour}\"/>\
             <text x=\"{at:.1}\" y=\"{y0}\" text-anchor=\"middle\" fill=\"#555\">{mark}</text>",
            y1 = TOP - 8.0,
            y0 = TOP - 12.0,
        )
        .unwrap();
    }
    for (row, one) in reached.iter().enumerate() {
        let y = TOP + ROW * row as f64;
        let middle = y + ROW / 2.0;
        let colour = match one.word() {
            "goal" => "#2c7a4b",
            "floor" => "#5b8fc7",
            _ => "#c2553f",
        };
        let (from, to) = (x(1.0), x(one.ratio.median));
        let (begin, len) = (from.min(to), (to - from).abs());
        writeln!(
            svg,
            "<text x=\"{label:.1}\" y=\"{base:.1}\" text-anchor=\"end\">{what} <tspan fill=\"#777\">/ \
             {against}</tspan></text>\
             <rect x=\"{begin:.1}\" y=\"{bar:.1}\" width=\"{len:.1}\" height=\"12\" fill=\"{colour}\"/>\
             <line x1=\"{low:.1}\" x2=\"{high:.1}\" y1=\"{middle:.1}\" y2=\"{middle:.1}\" stroke=\"#000\"/>\
             <path d=\"M{floor:.1} {y:.1}v{ROW}\" stroke=\"#000\" stroke-width=\"1.5\"/>\
             <path d=\"M{goal:.1} {y:.1}v{ROW}\" stroke=\"#000\" stroke-width=\"1.5\" stroke-dasharray=\"3 2\"/>",
            label = LEFT - 8.0,
            base = middle + 4.0,
            what = one.what,
            against = one.against,
            bar = middle - 6.0,
            low = x(one.ratio.low),
            high = x(one.ratio.high),
            floor = x(one.floor),
            goal = x(one.goal),
        )
        .unwrap();
    }
    writeln!(
        svg,
        "<text x=\"10\" y=\"{y}\" fill=\"#555\">Bars: the median, with the 10th to the 90th percentile. Solid marks: \
         the floor; dashed ones: the goal. Logarithmic scale.</text>\n</svg>",
        y = height - 10.0,
    )
    .unwrap();
    svg
}

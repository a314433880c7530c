//! Draws a terminal screen as SVG: one rectangle a run of background, one
//! text a run of equal style, box-drawing characters as strokes so that
//! borders have no gaps.
//!
//! `textLength` pins every run to its cells, so columns line up in whatever
//! monospace font the viewer has.

use std::fmt::Write as _;
use vt100::{Cell, Color, Screen};

/// One cell and the margin around all of them, in SVG units.
const WIDTH: f32 = 8.5;
const HEIGHT: f32 = 18.0;
const MARGIN: f32 = 16.0;
const FONT: f32 = 14.0;

const PAPER: &str = "#15181e";
const INK: &str = "#d3d7de";
/// The line around the picture, so that it keeps its edge on dark pages.
const FRAME: &str = "#39404c";

/// The sixteen named colours, muted to be calm on dark paper.
const NAMED: [&str; 16] = [
    "#2a2f38", "#d9777f", "#8fb57f", "#d6b36a", "#7fa3d1", "#b48ead", "#7fb8b8", "#c3c8d0",
    "#6b7280", "#e69aa0", "#a9cf9a", "#e5c98c", "#9dbce3", "#cbaac6", "#9dd0d0", "#f1f3f6",
];

/// How a cell is painted.
#[derive(Debug, Clone, PartialEq)]
struct Style {
    ink: String,
    paper: Option<String>,
    /// Attributes for weight, slant, line and strength.
    marks: String,
    /// Made of box-drawing characters only, which are narrow.
    border: bool,
}

/// Neighbouring cells of one style.
#[derive(Debug)]
struct Run {
    column: u16,
    columns: u16,
    text: String,
    style: Style,
}

/// Draws the screen; `title` is read out by screen readers.
pub fn draw(screen: &Screen, title: &str) -> String {
    let (rows, columns) = screen.size();
    let width = f32::from(columns.get()).mul_add(WIDTH, 2.0 * MARGIN);
    let height = f32::from(rows.get()).mul_add(HEIGHT, 2.0 * MARGIN);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 {width} {height}\" \
         width=\"{width}\" height=\"{height}\">\n<title>{}</title>\n\
         <style>text{{font:{FONT}px ui-monospace,\"DejaVu Sans Mono\",Menlo,Consolas,monospace;\
         white-space:pre}}path{{fill:none;stroke-width:1.2}}</style>\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"{PAPER}\" stroke=\"{FRAME}\"/>\n",
        escape(title)
    );
    for row in 0..rows.get() {
        let runs = runs(screen, row, columns.get());
        for run in &runs {
            background(&mut out, row, run);
        }
        for run in &runs {
            foreground(&mut out, row, run);
        }
    }
    out.push_str("</svg>\n");
    out
}

/// The text of a picture drawn by [`draw`], one run a line.
pub fn text(picture: &str) -> String {
    let lines: Vec<String> = picture
        .split("<text ")
        .skip(1)
        .filter_map(|part| part.split_once('>')?.1.split_once("</text>"))
        .map(|(text, _)| {
            text.replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&amp;", "&")
        })
        .collect();
    lines.join("\n")
}

fn runs(screen: &Screen, row: u16, columns: u16) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for column in 0..columns {
        let Some(cell) = screen.cell(row, column) else {
            continue;
        };
        // The second half of a wide character belongs to the run before it.
        if cell.is_wide_continuation() {
            if let Some(run) = runs.last_mut() {
                run.columns += 1;
            }
            continue;
        }
        let text = if cell.has_contents() {
            cell.contents()
        } else {
            " "
        };
        let style = style(cell);
        match runs.last_mut() {
            Some(run) if run.style == style => {
                run.columns += 1;
                run.text.push_str(text);
            }
            _ => runs.push(Run {
                column,
                columns: 1,
                text: text.to_owned(),
                style,
            }),
        }
    }
    runs
}

fn style(cell: &Cell) -> Style {
    let (mut ink, mut paper) = (colour(cell.fgcolor()), colour(cell.bgcolor()));
    if cell.inverse() {
        (ink, paper) = (
            Some(paper.unwrap_or_else(|| PAPER.to_owned())),
            Some(ink.unwrap_or_else(|| INK.to_owned())),
        );
    }
    Style {
        ink: ink.unwrap_or_else(|| INK.to_owned()),
        paper,
        marks: marks(cell),
        border: cell.contents().chars().any(|c| arms(c).is_some()),
    }
}

fn marks(cell: &Cell) -> String {
    [
        (cell.dim(), " opacity=\".65\""),
        (cell.bold(), " font-weight=\"bold\""),
        (cell.italic(), " font-style=\"italic\""),
        (cell.underline(), " text-decoration=\"underline\""),
    ]
    .into_iter()
    .filter_map(|(on, mark)| on.then_some(mark))
    .collect()
}

fn colour(colour: Color) -> Option<String> {
    match colour {
        Color::Default => None,
        Color::Idx(named @ 0..16) => Some(NAMED[usize::from(named)].to_owned()),
        Color::Idx(cube @ 16..232) => {
            let level = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
            let cube = cube - 16;
            Some(rgb(level(cube / 36), level(cube / 6 % 6), level(cube % 6)))
        }
        Color::Idx(grey) => {
            let level = 8 + 10 * (grey - 232);
            Some(rgb(level, level, level))
        }
        Color::Rgb(r, g, b) => Some(rgb(r, g, b)),
    }
}

fn rgb(r: u8, g: u8, b: u8) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

fn left(column: u16) -> f32 {
    f32::from(column).mul_add(WIDTH, MARGIN)
}

fn top(row: u16) -> f32 {
    f32::from(row).mul_add(HEIGHT, MARGIN)
}

fn background(out: &mut String, row: u16, run: &Run) {
    if let Some(paper) = &run.style.paper {
        let (x, y, width) = (left(run.column), top(row), f32::from(run.columns) * WIDTH);
        let _ = writeln!(
            out,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{HEIGHT}\" fill=\"{paper}\"/>"
        );
    }
}

fn foreground(out: &mut String, row: u16, run: &Run) {
    let Style { ink, marks, .. } = &run.style;
    if run.style.border {
        let strokes: String = (run.column..)
            .zip(run.text.chars().filter_map(arms))
            .map(|(column, arms)| stroke(row, column, arms))
            .collect();
        let _ = writeln!(out, "<path stroke=\"{ink}\"{marks} d=\"{strokes}\"/>");
        return;
    }
    let words = run.text.trim_matches(' ');
    if words.is_empty() {
        return;
    }
    let lead = run.text.len() - run.text.trim_start_matches(' ').len();
    let blank = run.text.len() - words.len();
    let columns = run.columns - u16::try_from(blank).unwrap();
    let x = left(run.column + u16::try_from(lead).unwrap());
    let y = HEIGHT.mul_add(0.72, top(row));
    let length = f32::from(columns) * WIDTH;
    let _ = writeln!(
        out,
        "<text x=\"{x}\" y=\"{y}\" textLength=\"{length}\" fill=\"{ink}\"{marks}>{}</text>",
        escape(words)
    );
}

/// Which of left, right, up and down a box-drawing character reaches.
fn arms(c: char) -> Option<[bool; 4]> {
    let arms = match c {
        '─' | '━' | '═' => [true, true, false, false],
        '│' | '┃' | '║' => [false, false, true, true],
        '┌' | '╭' | '┏' | '╔' => [false, true, false, true],
        '┐' | '╮' | '┓' | '╗' => [true, false, false, true],
        '└' | '╰' | '┗' | '╚' => [false, true, true, false],
        '┘' | '╯' | '┛' | '╝' => [true, false, true, false],
        '├' | '┣' | '╠' => [false, true, true, true],
        '┤' | '┫' | '╣' => [true, false, true, true],
        '┬' | '┳' | '╦' => [true, true, false, true],
        '┴' | '┻' | '╩' => [true, true, true, false],
        '┼' | '╋' | '╬' => [true, true, true, true],
        _ => return None,
    };
    Some(arms)
}

fn stroke(row: u16, column: u16, [to_left, to_right, up, down]: [bool; 4]) -> String {
    let x = WIDTH.mul_add(0.5, left(column));
    let y = HEIGHT.mul_add(0.5, top(row));
    let mut path = String::new();
    for (reaches, way) in [
        (to_left, format!("h{}", -WIDTH / 2.0)),
        (to_right, format!("h{}", WIDTH / 2.0)),
        (up, format!("v{}", -HEIGHT / 2.0)),
        (down, format!("v{}", HEIGHT / 2.0)),
    ] {
        if reaches {
            let _ = write!(path, "M{x} {y}{way}");
        }
    }
    path
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::NonZeroU16;

    fn picture(bytes: &str) -> String {
        let size = |n| NonZeroU16::new(n).unwrap();
        let mut parser = vt100::Parser::new(size(2), size(20), 0);
        parser.process(bytes.as_bytes());
        draw(parser.screen(), "a & b")
    }

    #[test]
    fn a_run_is_one_text_pinned_to_its_cells() {
        let svg = picture("ab \u{1b}[1;31mcd\u{1b}[0m");
        assert_eq!(svg.matches("<text ").count(), 2);
        assert!(svg.contains("textLength=\"17\" fill=\"#d3d7de\">ab</text>"));
        assert!(svg.contains("fill=\"#d9777f\" font-weight=\"bold\">cd</text>"));
        assert!(svg.contains("<title>a &amp; b</title>"));
        assert_eq!(text(&svg), "ab\ncd");
    }

    #[test]
    fn a_background_is_one_rectangle() {
        let svg = picture("\u{1b}[44mab\u{1b}[0m \u{1b}[7mx\u{1b}[0m");
        assert_eq!(svg.matches("<rect ").count(), 3, "the paper and two runs");
        assert!(svg.contains("width=\"17\" height=\"18\" fill=\"#7fa3d1\""));
        assert!(svg.contains("fill=\"#15181e\">x</text>"), "inverse swaps");
    }

    #[test]
    fn borders_are_strokes() {
        let svg = picture("┌─x");
        assert!(svg.contains("<path stroke=\"#d3d7de\" d=\"M"));
        assert!(!svg.contains('┌') && text(&svg) == "x");
        // Two arms of the corner, two of the line.
        assert_eq!(
            svg.matches('M').count() - svg.matches("Mono").count() - svg.matches("Menlo").count(),
            4
        );
    }

    #[test]
    fn text_is_never_markup() {
        let svg = picture("<b>&amp;");
        assert!(svg.contains("&lt;b&gt;&amp;amp;"));
        assert_eq!(text(&svg), "<b>&amp;");
    }

    #[test]
    fn wide_characters_keep_their_two_cells() {
        let svg = picture("日x");
        assert!(svg.contains("textLength=\"25.5\""), "{svg}");
    }

    #[test]
    fn every_indexed_colour_has_a_value() {
        assert_eq!(colour(Color::Idx(16)).as_deref(), Some("#000000"));
        assert_eq!(colour(Color::Idx(231)).as_deref(), Some("#ffffff"));
        assert_eq!(colour(Color::Idx(255)).as_deref(), Some("#eeeeee"));
        assert_eq!(colour(Color::Rgb(1, 2, 3)).as_deref(), Some("#010203"));
    }
}

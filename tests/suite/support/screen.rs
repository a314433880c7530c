//! Draws a model into memory and writes the cells down as text: first the
//! words, then one letter a cell for how they look.

use firsthour::app::model::Model;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

/// The cells of a model at a size.
pub fn drawn(model: &Model, columns: u16, lines: u16) -> Buffer {
    let mut model = model.clone();
    model.size = (columns, lines);
    let mut terminal = Terminal::new(TestBackend::new(columns, lines)).unwrap();
    terminal
        .draw(|frame| firsthour::ui::draw(&model, frame))
        .unwrap();
    terminal.backend().buffer().clone()
}

/// The words of a buffer, line by line. The blank behind a wide character is
/// left out.
pub fn words(buffer: &Buffer) -> Vec<String> {
    lines_of(buffer, |cell| cell.symbol().to_owned())
}

/// How the cells look, line by line.
pub fn looks(buffer: &Buffer) -> Vec<String> {
    lines_of(buffer, |cell| look(cell).to_string())
}

/// Words and looks with a frame that shows trailing blanks, as snapshots
/// keep them.
pub fn snapshot(model: &Model, columns: u16, lines: u16) -> String {
    let buffer = drawn(model, columns, lines);
    let mut out = String::new();
    for line in words(&buffer) {
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out.push_str("\n== looks: b bold, d dim, g good, w warn, e bad, a accent; capitals reversed\n");
    for line in looks(&buffer) {
        out.push_str(line.trim_end_matches('.'));
        out.push('\n');
    }
    out
}

fn lines_of(buffer: &Buffer, of: impl Fn(&Cell) -> String) -> Vec<String> {
    let wide = usize::from(buffer.area.width);
    let mut lines = Vec::new();
    for row in buffer.content.chunks(wide.max(1)) {
        let mut line = String::new();
        let mut skip = 0_usize;
        for cell in row {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let width = unicode_width::UnicodeWidthStr::width(cell.symbol());
            skip = width.saturating_sub(1);
            line.push_str(&of(cell));
        }
        lines.push(line);
    }
    lines
}

/// Capitals are reversed.
fn look(cell: &Cell) -> char {
    let letter = match cell.fg {
        Color::Green => 'g',
        Color::Magenta => 'w',
        Color::Red => 'e',
        Color::Cyan => 'a',
        Color::Reset if cell.modifier.contains(Modifier::BOLD) => 'b',
        Color::Reset if cell.modifier.contains(Modifier::DIM) => 'd',
        Color::Reset => '.',
        _ => '?',
    };
    if cell.modifier.contains(Modifier::REVERSED) {
        letter.to_ascii_uppercase()
    } else {
        letter
    }
}

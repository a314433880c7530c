//! What a list is narrowed to. A leaf: it knows texts, not rows.

/// Decides which rows stay: those that contain the text, case apart; a
/// leading `!` inverts. Holds its scratch space, because lists of many
/// thousand rows are narrowed while a person types.
#[derive(Debug)]
pub struct Filter {
    wanted: String,
    inverted: bool,
    scratch: String,
}

impl Filter {
    /// Reads a filter as typed.
    pub fn new(typed: &str) -> Self {
        let (wanted, inverted) = match typed.strip_prefix('!') {
            Some(rest) => (rest, true),
            None => (typed, false),
        };
        Self {
            wanted: wanted.to_lowercase(),
            inverted,
            scratch: String::new(),
        }
    }

    /// Whether a row stays; its parts are read with a blank between them.
    pub fn keeps(&mut self, parts: &[&str]) -> bool {
        if self.wanted.is_empty() {
            return true;
        }
        self.scratch.clear();
        for part in parts {
            if !self.scratch.is_empty() {
                self.scratch.push(' ');
            }
            if part.is_ascii() {
                let from = self.scratch.len();
                self.scratch.push_str(part);
                self.scratch[from..].make_ascii_lowercase();
            } else {
                self.scratch.push_str(&part.to_lowercase());
            }
        }
        self.scratch.contains(&self.wanted) != self.inverted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(filter: &str, text: &str) -> bool {
        Filter::new(filter).keeps(&[text])
    }

    #[test]
    fn a_filter_narrows_and_inverts() {
        assert!(matches("cust", "public.Customers"));
        assert!(!matches("!cust", "public.customers"));
        assert!(matches("!", "anything"));
        assert!(matches("", "anything"));
    }

    #[test]
    fn the_parts_of_a_row_are_read_as_one_text() {
        let mut filter = Filter::new("P01 critical");
        assert!(filter.keeps(&["P01", "Critical"]));
        assert!(!filter.keeps(&["P02", "critical"]));
        assert!(Filter::new("ÄRZTE").keeps(&["public.ärzte"]));
    }
}

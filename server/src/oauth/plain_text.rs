//! Words from outside, made safe to show and to keep.

/// `text` as one line of at most `longest` characters, without control characters and without the
/// invisible ones that turn the direction of reading. `None` if nothing is left.
pub(super) fn plain_text(text: &str, longest: usize) -> Option<String> {
    let visible = text.chars().filter_map(|c| match c {
        c if c.is_whitespace() => Some(' '),
        '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{feff}' => None,
        c if c.is_control() => None,
        c => Some(c),
    });
    let words: String = visible.collect();
    let line: String = words
        .split(' ')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    let cut: String = line.chars().take(longest).collect();
    let cut = cut.trim_end();
    (!cut.is_empty()).then(|| cut.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_left_out() {
        assert_eq!(
            plain_text(" Permission\r\n\tneeded\0\u{202e}!\u{1b}[31m ", 200).as_deref(),
            Some("Permission needed![31m")
        );
        assert_eq!(plain_text("\u{7}\n \u{feff}", 200), None);
        assert_eq!(plain_text("äöü", 2).as_deref(), Some("äö"));
    }
}

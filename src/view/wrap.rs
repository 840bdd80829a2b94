//! Texts that are longer than a line.

/// `text` in lines of at most `width` characters, the second and those after it set in; what does not fit into `most`
/// lines is cut, and it is seen that it was.
pub(super) fn wrap(text: &str, width: usize, most: usize) -> Vec<String> {
    const INDENT: &str = "  ";
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let full = lines.len() == most;
        let Some(line) = lines.last_mut() else { break };
        let taken = line.chars().count();
        let fits = taken + 1 + word.chars().count() <= width;
        match line.trim().is_empty() {
            true => line.push_str(word),
            // The last line takes one word too many, so that it is cut.
            false if fits || full => {
                line.push(' ');
                line.push_str(word);
                if !fits {
                    break;
                }
            }
            false => lines.push(format!("{INDENT}{word}")),
        }
    }
    lines.into_iter().map(|line| cut(&line, width)).collect()
}

/// At most `width` characters.
pub(super) fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_broken_between_words_and_cut_at_its_last_line() {
        let text = "sign in fails on new far more often than on old";
        assert_eq!(wrap(text, 80, 3), [text]);
        assert_eq!(wrap(text, 20, 3), ["sign in fails on new", "  far more often", "  than on old"]);
        assert_eq!(wrap(text, 20, 2), ["sign in fails on new", "  far more often th…"]);
        assert_eq!(wrap("abcdefghij k", 5, 3), ["abcd…", "  k"]);
        assert_eq!(wrap("", 5, 3), [""]);
    }
}

//! What is a topic, and what is a filter of topics (section 4.7).

/// Whether a message can be published on `topic`.
pub(super) fn is_topic(topic: &str) -> bool {
    fits(topic) && !topic.contains(['+', '#'])
}

/// Whether `filter` can be subscribed to.
pub(super) fn is_filter(filter: &str) -> bool {
    let mut levels = filter.split('/').peekable();
    let mut good = fits(filter);
    while let Some(level) = levels.next() {
        good &= match level {
            "+" => true,
            "#" => levels.peek().is_none(),
            level => !level.contains(['+', '#']),
        };
    }
    good
}

fn fits(text: &str) -> bool {
    !text.is_empty() && text.len() <= usize::from(u16::MAX) && !text.contains('\0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_and_filters() {
        for topic in ["a", "/", "a//b", "devices/d1/datapoints", "$SYS/x"] {
            assert!(is_topic(topic) && is_filter(topic), "{topic}");
        }
        for filter in ["#", "+", "a/#", "+/a/+", "a/+/#"] {
            assert!(!is_topic(filter) && is_filter(filter), "{filter}");
        }
        for wrong in ["", "a#", "a/#/b", "a+", "+a/b", "a\0b", &"x".repeat(65_536)] {
            assert!(!is_topic(wrong) && !is_filter(wrong));
        }
    }
}

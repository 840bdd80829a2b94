//! Topic names and filters (§4.7).
//!
//! The codec's own `matches` does not serve: it panics on a topic that begins with a non-ASCII letter, and it
//! matches `$`-topics with no filter at all, although §4.7.2 only keeps filters that begin with a wildcard away
//! from them.

use rumqttc::mqttbytes;

/// The longest string that the wire format can carry, in bytes (§1.5.3).
const MAX_STRING: usize = u16::MAX as usize;

/// May this be published to? Not empty, no wildcards, no NUL (§4.7.1, §4.7.3).
pub(super) fn valid_topic(topic: &str) -> bool {
    !topic.is_empty() && topic.len() <= MAX_STRING && !topic.contains(['+', '#', '\0'])
}

/// May this be subscribed to?
pub(super) fn valid_filter(filter: &str) -> bool {
    filter.len() <= MAX_STRING && !filter.contains('\0') && mqttbytes::valid_filter(filter)
}

/// Does a valid filter match a valid topic?
pub(super) fn matches(topic: &str, filter: &str) -> bool {
    if topic.starts_with('$') && filter.starts_with(['+', '#']) {
        return false;
    }
    let mut levels = topic.split('/');
    for wanted in filter.split('/') {
        match (wanted, levels.next()) {
            ("#", _) => return true,
            ("+", Some(_)) => {}
            (exact, Some(level)) if exact == level => {}
            _ => return false,
        }
    }
    levels.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_as_the_standard_says() {
        let table = [
            ("sport/tennis/player1", "sport/tennis/player1/#", true),
            ("sport/tennis/player1/ranking", "sport/tennis/player1/#", true),
            ("sport", "sport/#", true),
            ("sports", "sport/#", false),
            ("sport/tennis/player1", "sport/tennis/+", true),
            ("sport/tennis/player1/ranking", "sport/tennis/+", false),
            ("sport", "sport/+", false),
            ("sport/", "sport/+", true),
            ("/finance", "+/+", true),
            ("/finance", "/+", true),
            ("/finance", "+", false),
            ("a/b", "a/B", false),
            ("a/b/c", "a/b", false),
            ("$SYS/uptime", "#", false),
            ("$SYS/uptime", "+/uptime", false),
            ("$SYS/uptime", "$SYS/#", true),
            ("$SYS/uptime", "$SYS/+", true),
            ("été/b", "+/b", true),
        ];
        for (topic, filter, expected) in table {
            assert_eq!(matches(topic, filter), expected, "{topic} against {filter}");
        }
    }

    #[test]
    fn refuses_what_the_standard_refuses() {
        for topic in ["", "a/+", "#", "a\0b", &"x".repeat(65_536)] {
            assert!(!valid_topic(topic));
        }
        assert!(valid_topic("/") && valid_topic("a b/é"));
        for filter in ["", "a#", "a/#/b", "a+/b", "a\0", "++"] {
            assert!(!valid_filter(filter), "{filter}");
        }
        assert!(valid_filter("#") && valid_filter("+/a/+/#") && valid_filter("/"));
    }
}

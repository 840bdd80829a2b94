//! How long something took.

/// A duration in seconds, with as many digits as mean something: `0.8 ms`, `42 ms`, `1.25 s`, `12.3 s`; none is
/// `0 s`.
pub fn seconds(seconds: f64) -> String {
    match seconds * 1000.0 {
        0.0 => "0 s".to_owned(),
        ms if ms < 10.0 => format!("{ms:.1} ms"),
        ms if ms < 1000.0 => format!("{ms:.0} ms"),
        _ if seconds < 10.0 => format!("{seconds:.2} s"),
        _ => format!("{seconds:.1} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_the_digits_that_mean_something() {
        let times = [0.0, 0.0008, 0.042, 1.25, 12.34].map(seconds);
        assert_eq!(times, ["0 s", "0.8 ms", "42 ms", "1.25 s", "12.3 s"]);
    }
}

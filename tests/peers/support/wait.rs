//! Conditions that are awaited.

use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long anything may take before the test gives up: it says how patient a test is, not how fast the canary. A
/// machine that runs other things, too, needs a multiple of what an idle one does.
const PATIENCE: Duration = Duration::from_secs(150);
const BETWEEN: Duration = Duration::from_millis(100);

/// Asks until there is an answer; the last refusal says what is missing if there is none in time.
pub(crate) fn eventually<T>(what: &str, mut ask: impl FnMut() -> Result<T, String>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match ask() {
            Ok(answer) => return answer,
            Err(why) if Instant::now() >= deadline => {
                panic!("not within {} s: {what}; at last: {why}", PATIENCE.as_secs())
            }
            Err(_) => sleep(BETWEEN),
        }
    }
}

//! Pauses: they pass, they are nobody's time, and they can be broken off.

use std::time::Duration;

use cutover::{AbortCause, Outcome};
use journeys::RunContext;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::support::{context, run};

#[tokio::test]
async fn a_pause_is_nobodys_time() {
    let context = context(9).await;
    let begun = Instant::now();
    let steps = "[{ name: think, pause: 500ms }, { name: think again, pause: 1ms }]";
    let run = run(&context, &format!("journey: j\nsteps: {steps}")).await;
    assert_eq!(run.outcome, Outcome::Passed, "{}", run.detail);
    let took = begun.elapsed();
    assert!(took >= Duration::from_millis(500), "{took:?}");
    let attempt = run.steps[0].last().unwrap();
    assert_eq!((attempt.parts.total, attempt.reached), (Duration::ZERO, None));
    assert!(run.took + Duration::from_millis(500) <= took, "{:?} of {took:?}", run.took);
    // What comes behind it begins in the same time.
    let after = run.steps[1].attempts[0].after;
    assert!(after <= run.took, "{after:?} of {:?}", run.took);
}

#[tokio::test]
async fn a_shutdown_ends_it() {
    let cancel = CancellationToken::new();
    let context = RunContext { cancel: cancel.clone(), ..context(9).await };
    let yaml = "journey: j\ntimeout: 2h\nsteps: [{ name: think, pause: 1h }]";
    let (run, ()) = tokio::join!(run(&context, yaml), async { cancel.cancel() });
    assert_eq!(run.outcome, Outcome::Aborted { cause: AbortCause::Shutdown });
}

//! Ctrl-C: the first asks to drain, a second one ends at once.

use tokio_util::sync::CancellationToken;

/// Waits for SIGINT or SIGTERM in the background; the token is cancelled by the first, the process ended by the
/// second with the exit code that shells give for an interrupt.
pub(crate) fn listen() -> std::io::Result<CancellationToken> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let asked = CancellationToken::new();
    let first = asked.clone();
    tokio::spawn(async move {
        for _ in 0..2 {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            if first.is_cancelled() {
                std::process::exit(130);
            }
            first.cancel();
        }
    });
    Ok(asked)
}

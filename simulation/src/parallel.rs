//! The same work for many inputs, on a few threads.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::{panic, thread};

/// `work` for each of `inputs`, in their order. `done` is called, from any thread, with how many are done by then.
pub(crate) fn map<I: Sync, O: Send>(
    inputs: &[I],
    threads: usize,
    work: impl Fn(&I) -> O + Sync,
    done: impl Fn(usize) + Sync,
) -> Vec<O> {
    let (next, finished) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let worker = || {
        let mut outputs = Vec::new();
        // Whoever is free takes the next input: some take a hundred times as long as others.
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(input) = inputs.get(at) else { return outputs };
            outputs.push((at, work(input)));
            done(finished.fetch_add(1, Ordering::Relaxed) + 1);
        }
    };
    let mut outputs: Vec<(usize, O)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(worker)).collect();
        workers
            .into_iter()
            .flat_map(|one| one.join().unwrap_or_else(|cause| panic::resume_unwind(cause)))
            .collect()
    });
    outputs.sort_unstable_by_key(|(at, _)| *at);
    outputs.into_iter().map(|(_, output)| output).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_input_is_worked_on_once_and_in_order_on_any_number_of_threads() {
        let inputs: Vec<u64> = (0..100).collect();
        for threads in [1, 2, 7, 200] {
            let most = AtomicUsize::new(0);
            let squares =
                map(&inputs, threads, |n| n * n, |done| _ = most.fetch_max(done, Ordering::Relaxed));
            assert_eq!(squares, inputs.iter().map(|n| n * n).collect::<Vec<_>>());
            assert_eq!(most.load(Ordering::Relaxed), 100);
        }
    }
}

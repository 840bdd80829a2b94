//! While the cutover is made ready the new side is not up: what fails there then does not show what is usual.

use crate::{FailureKind, Outcome, Reached, Route};

/// Whether this may be the doing of a new side that is not up yet. A step may be pinned to it in a run of any route; if
/// such a step reached nobody, nothing tells whom it was to reach, except where it failed at the name.
pub(crate) fn not_up(route: Route, reached: Option<Reached>, outcome: &Outcome) -> bool {
    let Outcome::Failed { kind, .. } = outcome else { return route == Route::New };
    match (route, reached) {
        (Route::New, _) | (_, Some(Reached::New)) => true,
        (Route::Live, None) => *kind != FailureKind::Resolve,
        (Route::Old | Route::Live, _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::core::fixture::failed;
    use super::*;

    #[test]
    fn what_the_old_side_or_dns_did_is_usual_and_what_the_new_one_did_is_not() {
        let (refused, unresolved) = (failed(FailureKind::Refused), failed(FailureKind::Resolve));
        assert!(not_up(Route::New, Some(Reached::New), &Outcome::Passed));
        assert!(not_up(Route::Live, Some(Reached::New), &refused) && not_up(Route::Live, None, &refused));
        assert!(!not_up(Route::Live, Some(Reached::Old), &refused));
        assert!(!not_up(Route::Live, None, &unresolved) && !not_up(Route::Old, None, &refused));
        assert!(!not_up(Route::Live, Some(Reached::New), &Outcome::Passed));
    }
}

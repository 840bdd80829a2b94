//! One simulated cutover: from the soak to the end of the watch.

mod clockwork;
mod faulty;
mod healthy;

pub(crate) use faulty::{Sight, faulty};
pub(crate) use healthy::{Healthy, healthy};

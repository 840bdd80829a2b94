//! One simulated cutover: from the soak to the end of the watch.

mod clockwork;
mod faulty;
mod healthy;

pub(crate) use faulty::{Sight, alone, faulty};
pub(crate) use healthy::{Healthy, healthy, time_to_go};

//! The report of a cutover.

//! Alert rules, alert state, notices and their deliveries.

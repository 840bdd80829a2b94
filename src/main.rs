//! Serin: the synthetic end-user and device canary monitor for cutovers.

fn main() {}

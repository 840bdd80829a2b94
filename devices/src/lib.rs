//! Simulated devices: personalities, the session of one device, fleets.

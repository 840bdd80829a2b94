//! What is shown: the exporter, the snapshot as JSON, the live page.

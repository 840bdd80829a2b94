//! The journey language: load, check, template, expect, save, run.

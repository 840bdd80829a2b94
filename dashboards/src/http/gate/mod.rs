//! The verdict for machines that act on it: one document for scripts and Argo Rollouts, yes and no for Flagger.
//!
//! A machine does at once what a person would think over. So whatever is doubtful is `hold` here, and so is a
//! `rollback` for which there is no way back any more.

mod advice;
mod document;
mod flagger;

use std::sync::Arc;

use axum::Router;

use super::Surface;

/// The routes to the gates. They need no token: they only tell.
pub(crate) fn routes() -> Router<Arc<Surface>> {
    document::routes().merge(flagger::routes())
}

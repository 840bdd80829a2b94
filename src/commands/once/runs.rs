//! The runs, one by one: each variant of each journey, with each row of its data, on each route.

use std::sync::Arc;

use cutover::Route;
use journeys::{Journey, Variant};

use crate::cli::Rows;
use crate::failure::Failure;

/// A journey as far as it is asked for, and its file's name.
pub(super) type Portion = (Arc<str>, Arc<Journey>);

/// One run.
#[derive(Clone)]
pub(super) struct Planned {
    /// The journey's file, as it was named.
    pub(super) file: Arc<str>,
    pub(super) journey: Arc<Journey>,
    pub(super) variant: Variant,
    /// Where it has data: the number of the row.
    pub(super) row: Option<usize>,
    pub(super) route: Route,
}

impl Planned {
    /// What stands above it.
    pub(super) fn title(&self) -> String {
        let title = results::title(self.journey.name(), self.variant.name(), self.route, self.row);
        self.journey.rows().map_or_else(|| title.clone(), |rows| format!("{title} of {rows}"))
    }
}

/// Each variant of each journey with each row on each route.
pub(super) fn runs(
    journeys: &[Portion],
    rows: Option<&Rows>,
    routes: &[Route],
) -> Result<Vec<Planned>, Failure> {
    if rows.is_some() && journeys.iter().all(|(_, journey)| journey.rows().is_none()) {
        return Err(Failure::usage("--row: no journey here has `data`".to_owned()));
    }
    let mut runs = Vec::new();
    for (file, journey) in journeys {
        let numbers = match (journey.rows(), rows) {
            (None, _) => vec![None],
            (Some(_), None) => vec![journey.row(0)],
            (Some(count), Some(Rows::All)) => (1..=count).map(Some).collect(),
            (Some(count), Some(Rows::Some(rows))) if *rows.end() <= count => rows.clone().map(Some).collect(),
            (Some(count), Some(Rows::Some(rows))) => {
                let (of, last) = (if count == 1 { "1 row" } else { &format!("{count} rows") }, rows.end());
                return Err(Failure::usage(format!("--row: the data of {file} has {of}, and no row {last}")));
            }
        };
        for variant in journey.variants() {
            for (row, route) in numbers.iter().flat_map(|row| routes.iter().map(move |route| (*row, *route)))
            {
                let (file, journey, variant) = (file.clone(), journey.clone(), variant.clone());
                runs.push(Planned { file, journey, variant, row, route });
            }
        }
    }
    Ok(runs)
}

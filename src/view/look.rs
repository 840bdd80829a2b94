//! How results look here.

use std::io::{IsTerminal, stdout};

use crossterm::terminal::size;
use results::Look;

use super::paint::coloured;

/// How text looks on standard output: a pipe gets whole lines without colours. `sided`: whether it is known whose
/// addresses are whose.
pub(crate) fn look(sided: bool, curl: bool) -> Look {
    let terminal = stdout().is_terminal();
    let width = size().ok().filter(|_| terminal).map_or(usize::MAX, |(width, _)| width.into());
    Look { coloured: coloured(&stdout()), width, sided, curl }
}

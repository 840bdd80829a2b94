//! Curves over time.

use chrono::{DateTime, Utc};

use super::axis::{Times, Values};
use super::canvas::Canvas;
use super::frame::{Frame, PHASES, TIMES};

const WIDTH: f64 = 500.0;
const HEIGHT: f64 = 170.0;
const LEFT: f64 = 52.0;

/// A curve; where it has no value, it is interrupted.
#[derive(Debug)]
pub(crate) struct Curve {
    /// Its colour and stroke, as classes of the page's style.
    pub(crate) class: String,
    /// Its values over time.
    pub(crate) points: Vec<(DateTime<Utc>, Option<f64>)>,
}

/// Draws curves over one another; `name` writes a value.
pub(crate) fn lines(label: &str, frame: Frame<'_>, curves: &[Curve], name: impl Fn(f64) -> String) -> String {
    let mut canvas = Canvas::new(WIDTH, HEIGHT, label);
    let (top, bottom, right) = (PHASES + 4.0, HEIGHT - TIMES, WIDTH - 6.0);
    let known = curves.iter().flat_map(|curve| &curve.points).filter_map(|(_, value)| *value);
    let values = Values::new(known.filter(|value| value.is_finite()).fold(0.0, f64::max), top, bottom);
    let times = Times::new(frame.span, LEFT, right - LEFT);
    frame.behind(&mut canvas, &times, (top, bottom));
    Frame::values(&mut canvas, &values, (LEFT, right), name);
    for curve in curves {
        for piece in curve.points.split(|(_, value)| value.is_none()) {
            let points = piece.iter().filter_map(|(at, value)| Some((times.x(*at), values.y((*value)?))));
            match points.collect::<Vec<_>>().as_slice() {
                [] => {}
                [one] => canvas.dot(&format!("dot {}", curve.class), *one),
                many => canvas.path(&format!("curve {}", curve.class), many, false),
            }
        }
    }
    canvas.finish()
}

//! The migration curve: where the devices stood, one state on top of the other.

use cutover::DeviceState;
use figures::thousands;

use super::axis::{Times, Values};
use super::canvas::Canvas;
use super::frame::{Frame, PHASES, TIMES};
use crate::{FleetPart, FleetPoint};

const WIDTH: f64 = 1040.0;
const HEIGHT: f64 = 260.0;
const LEFT: f64 = 60.0;

/// The states from the bottom up: what has moved grows from the ground.
const ORDER: [DeviceState; 6] = [
    DeviceState::New,
    DeviceState::Both,
    DeviceState::Other,
    DeviceState::Connecting,
    DeviceState::Lost,
    DeviceState::Old,
];

/// Draws the curve of one fleet.
pub(crate) fn migration(fleet: &FleetPart, frame: Frame<'_>) -> String {
    let label = format!("where the devices of {} stood over time", fleet.fleet);
    let mut canvas = Canvas::new(WIDTH, HEIGHT, &label);
    let (top, bottom, right) = (PHASES + 4.0, HEIGHT - TIMES, WIDTH - 6.0);
    let sum = |point: &FleetPoint| point.states.values().map(|count| f64::from(*count)).sum::<f64>();
    let greatest = fleet.points.iter().map(sum).fold(0.0, f64::max);
    let values = Values::new(greatest, top, bottom);
    let times = Times::new(frame.span, LEFT, right - LEFT);
    let mut floor = vec![0.0; fleet.points.len()];
    for state in ORDER {
        let ceiling: Vec<f64> = fleet
            .points
            .iter()
            .zip(&floor)
            .map(|(point, floor)| floor + f64::from(point.of(state)))
            .collect();
        if fleet.points.iter().any(|point| point.of(state) > 0) {
            let at = |index: usize, value: f64| {
                fleet.points.get(index).map(|point| (times.x(point.at), values.y(value)))
            };
            let up = ceiling.iter().enumerate().filter_map(|(index, value)| at(index, *value));
            let back = floor.iter().enumerate().rev().filter_map(|(index, value)| at(index, *value));
            canvas.path(&format!("area {}", state.as_str()), &up.chain(back).collect::<Vec<_>>(), true);
        }
        floor = ceiling;
    }
    frame.behind(&mut canvas, &times, (top, bottom));
    Frame::values(&mut canvas, &values, (LEFT, right), |value| thousands(value as u64));
    canvas.finish()
}

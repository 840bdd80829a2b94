//! The HTTP face of a side: its API, its console, and its marker on every answer.
//!
//! | request | answer |
//! |---|---|
//! | `POST /users {email, password}` | 201 `{id, email, state}`, 409 if taken |
//! | `POST /sessions {email, password}` | 200 `{token, user: {id}}`, 401 |
//! | `DELETE /users/{id}`, bearer | 204 |
//! | `POST /datapoints {name, value}`, bearer | 201 `{id}` |
//! | `GET /datapoints?user=ID`, bearer | 200 `{items: [{name, value, at}], count}` |
//! | `POST /devices {device, fleet}` | 201 `{device, fleet, username, password}`, the same however often |
//! | `GET /devices/{id}/datapoints` | 200 `{items: [{seq, value}], count}` |
//! | `GET /console`, `POST /console/sign-in`, `GET /console/home` | pages |
//! | `GET /healthz` | 200 `{state}`, whatever faults are at work |
//!
//! Every answer bears `x-served-by: old` or `new`, and every JSON body has the same as `served_by`. An error is
//! `{error}` under the status that fits.

mod answer;
mod console;
mod devices;
mod extract;
mod misconduct;
mod router;
mod users;

pub(crate) use answer::Answer;
pub(crate) use router::router;

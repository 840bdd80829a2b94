//! `uuid()`, `random_int(a, b)`, `random_choice(list)`, `random_string(n)`.

use std::sync::Arc;

use minijinja::{Environment, Error, Value};
use rand::RngExt;
use rand::distr::Alphanumeric;
use rand::rngs::StdRng;
use uuid::Builder;

use super::{Sources, refused};

/// Far beyond any name or password.
const LONGEST: usize = 4096;

pub(super) fn register(environment: &mut Environment<'static>, sources: &Arc<Sources>) {
    let from = sources.clone();
    environment.add_function("uuid", move || {
        let bytes = from.draw(StdRng::random);
        Builder::from_random_bytes(bytes).into_uuid().to_string()
    });
    let from = sources.clone();
    environment.add_function("random_int", move |least: i64, most: i64| -> Result<i64, Error> {
        if least > most {
            return Err(refused(format!(
                "random_int({least}, {most}): the first number must not be the larger one"
            )));
        }
        Ok(from.draw(|chance| chance.random_range(least..=most)))
    });
    let from = sources.clone();
    environment.add_function("random_choice", move |list: Vec<Value>| -> Result<Value, Error> {
        if list.is_empty() {
            return Err(refused("random_choice: the list is empty"));
        }
        let at = from.draw(|chance| chance.random_range(0..list.len()));
        Ok(list.get(at).cloned().unwrap_or_default())
    });
    let from = sources.clone();
    environment.add_function("random_string", move |length: usize| -> Result<String, Error> {
        if !(1..=LONGEST).contains(&length) {
            return Err(refused(format!("random_string({length}): from 1 to {LONGEST} characters")));
        }
        Ok(from.draw(|chance| chance.sample_iter(Alphanumeric).take(length).map(char::from).collect()))
    });
}

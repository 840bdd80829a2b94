//! Prints the table of the promises: `cargo run --release --example promises -p simulation [-- --quick] [--json]`.

use simulation::{Plan, simulate};

#[expect(clippy::unwrap_used, reason = "an example for people, whose figures are numbers")]
fn main() {
    let asked = |word: &str| std::env::args().any(|arg| arg == word);
    let plan = if asked("--quick") { Plan::quick() } else { Plan::default() };
    let table = simulate(&plan, |done, all| {
        if done % 100 == 0 || done == all {
            eprintln!("{done} of {all}");
        }
    });
    if asked("--json") {
        println!("{}", serde_json::to_string_pretty(&table).unwrap());
    } else {
        println!("{}", table.text());
    }
}

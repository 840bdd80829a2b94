//! JavaScript in the page, and what it comes to.

use chromiumoxide::Page as Tab;
use chromiumoxide::cdp::js_protocol::runtime::{EvaluateParams, ExceptionDetails};
use chromiumoxide::error::CdpError;
use serde_json::Value;

/// How much of a message of the page's is kept (characters).
const SHOWN: usize = 300;

/// Why a script came to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unanswered {
    /// The page went elsewhere meanwhile: it may be asked again.
    Moved,
    /// It threw.
    Threw(String),
    /// The page cannot be asked any more.
    Gone(String),
}

/// Calls a function in the page with JSON arguments; what it returns, or the promise that it returns comes to, is JSON.
pub(super) async fn call(tab: &Tab, function: &str, arguments: &[Value]) -> Result<Value, Unanswered> {
    let arguments = arguments.iter().map(Value::to_string).collect::<Vec<_>>().join(", ");
    evaluate(tab, format!("({function})({arguments})"), false).await
}

/// What an expression, or a promise that it is, comes to. `top` allows `await` and declarations at its top.
pub(super) async fn evaluate(tab: &Tab, expression: String, top: bool) -> Result<Value, Unanswered> {
    let params = EvaluateParams {
        return_by_value: Some(true),
        await_promise: Some(true),
        user_gesture: Some(true),
        repl_mode: Some(top),
        // A page's policy against `eval` (CSP) is no concern of ours: nothing of the page's is evaluated.
        allow_unsafe_eval_blocked_by_csp: Some(true),
        ..EvaluateParams::new(expression)
    };
    let answer = tab.execute(params).await.map_err(|error| unanswered(&error))?.result;
    match answer.exception_details {
        Some(details) => Err(Unanswered::Threw(thrown(&details))),
        None => Ok(answer.result.value.unwrap_or(Value::Null)),
    }
}

/// What a script threw, in one line.
pub(super) fn thrown(details: &ExceptionDetails) -> String {
    let exception = details.exception.as_ref();
    let described = exception.and_then(|thrown| thrown.description.clone());
    let value = || exception.and_then(|thrown| thrown.value.as_ref()).map(Value::to_string);
    let text = described.or_else(value).unwrap_or_else(|| details.text.clone());
    short(text.lines().next().unwrap_or_default())
}

/// The beginning of a text of the page's.
pub(super) fn short(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

fn unanswered(error: &CdpError) -> Unanswered {
    let text = error.to_string();
    let moved = ["context", "navigated", "Promise was collected", "Cannot find default execution"];
    if matches!(error, CdpError::Chrome(_)) && moved.iter().any(|word| text.contains(word)) {
        Unanswered::Moved
    } else {
        Unanswered::Gone(short(&text))
    }
}

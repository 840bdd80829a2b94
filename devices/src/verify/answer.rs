//! What an application says of a device's datapoints.

use serde_json::Value;

use crate::plan::VerifyPlan;

/// The numbers of the datapoints in an answer, in its order; a datapoint without a number is nobody's.
pub(super) fn numbers(plan: &VerifyPlan, body: &[u8]) -> Result<Vec<u64>, String> {
    let answer: Value =
        serde_json::from_slice(body).map_err(|error| format!("the answer is no JSON: {error}"))?;
    let found = plan.items.query(&answer).all();
    let items: Vec<&Value> = match found.as_slice() {
        [Value::Array(items)] => items.iter().collect(),
        [] => return Err("the answer has no datapoints at `items`".to_owned()),
        items => items.to_vec(),
    };
    Ok(items.into_iter().filter_map(|item| number(plan.seq.query(item).first()?)).collect())
}

/// A number, or a text that is one.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::plan::ReadOn;

    fn read(items: &str, seq: &str, body: &str) -> Result<Vec<u64>, String> {
        let plan = VerifyPlan {
            share: 1.0,
            read: VerifyPlan::request("GET http://a.example/{device}").unwrap(),
            items: items.parse().unwrap(),
            seq: seq.parse().unwrap(),
            within: Duration::from_secs(1),
            on: ReadOn::Device,
            token: None,
        };
        numbers(&plan, body.as_bytes())
    }

    #[test]
    fn numbers_come_in_the_order_of_the_answer() {
        let body = r#"{"items":[{"seq":3},{"seq":"4"},{"seq":4},{"other":1},{"seq":-1}]}"#;
        assert_eq!(read("$.items", "$.seq", body), Ok(vec![3, 4, 4]));
        assert_eq!(read("$.items[*]", "$.seq", body), Ok(vec![3, 4, 4]));
        assert_eq!(read("$.items", "$.seq", r#"{"items":[]}"#), Ok(vec![]));
        assert_eq!(read("$", "$.data.n", r#"[{"data":{"n":7}}]"#), Ok(vec![7]));
        assert!(read("$.items", "$.seq", "{}").is_err() && read("$.items", "$.seq", "<html>").is_err());
    }
}

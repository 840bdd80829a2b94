//! The YAML that is handed out asks what there is, in the way in which it is answered.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{World, status};

const ADDRESS: &str = "http://serin.acme.svc:9900";

/// The documents of one file in `docs/gates`.
fn documents(name: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/gates").join(name);
    let documents: Vec<Value> = serde_yaml::from_multiple(&fs::read_to_string(path).unwrap()).unwrap();
    assert!(documents.iter().all(|document| document["apiVersion"].is_string()), "{name}");
    documents
}

fn of_kind<'a>(documents: &'a [Value], kind: &str) -> Vec<&'a Value> {
    documents.iter().filter(|document| document["kind"] == kind).collect()
}

fn path(url: &Value) -> &str {
    url.as_str().unwrap().strip_prefix(ADDRESS).unwrap()
}

#[tokio::test]
async fn argo_measures_the_document_and_no_end_of_it_promotes_a_hold() {
    let world = World::start(None).await;
    let documents = documents("argo-rollouts.yaml");
    let templates = of_kind(&documents, "AnalysisTemplate");
    for template in &templates {
        for metric in template["spec"]["metrics"].as_array().unwrap() {
            let web = &metric["provider"]["web"];
            let (head, body) = world.get(path(&web["url"])).await;
            assert_eq!(status(&head), 200, "{web}");
            let answer: Value = serde_json::from_str(&body).unwrap();
            assert!(web["jsonPath"] == "{$.data}" && answer["data"]["verdict"] == "hold", "{web}: {answer}");
            assert_eq!(metric["failureCondition"], r#"result.verdict == "rollback""#);
            if metric.get("successCondition").is_none() {
                continue; // Beside the rollout: everything but rollback is fine.
            }
            assert_eq!(metric["successCondition"], r#"result.verdict == "go""#);
            // With as many allowed as measured, the count alone would be a success.
            let limit = |key: &str| metric[key].as_u64().unwrap();
            assert!(limit("inconclusiveLimit") < limit("count") && limit("consecutiveSuccessLimit") == 1);
        }
    }
    // The rollout names templates that there are, and all of them.
    let there: BTreeSet<_> = templates.iter().map(|it| it["metadata"]["name"].as_str().unwrap()).collect();
    let canary = &of_kind(&documents, "Rollout")[0]["spec"]["strategy"]["canary"];
    let steps = canary["steps"].as_array().unwrap().iter().map(|step| &step["analysis"]);
    let named: BTreeSet<_> = steps
        .chain([&canary["analysis"]])
        .filter_map(|analysis| analysis["templates"][0]["templateName"].as_str())
        .collect();
    assert_eq!(named, there);
    world.stop().await;
}

#[tokio::test]
async fn flagger_asks_each_hook_at_its_own_path() {
    let world = World::start(None).await;
    let documents = documents("flagger.yaml");
    let canaries = of_kind(&documents, "Canary");
    let webhooks = canaries[0]["spec"]["analysis"]["webhooks"].as_array().unwrap();
    for webhook in webhooks {
        let (kind, path) = (webhook["type"].as_str().unwrap(), path(&webhook["url"]));
        assert_eq!(path, format!("/api/v1/gate/flagger/{kind}"));
        let allowed = if kind == "rollout" { 200 } else { 403 };
        assert_eq!(status(&world.post(path, "", "{}").await.0), allowed, "{webhook}");
    }
    let kinds: BTreeSet<_> = webhooks.iter().map(|webhook| webhook["type"].as_str().unwrap()).collect();
    let asked = ["confirm-promotion", "confirm-traffic-increase", "rollback", "rollout"];
    assert_eq!(kinds, BTreeSet::from(asked));
    world.stop().await;
}

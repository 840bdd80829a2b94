//! `serin check` of journeys, and `serin schema`.

use std::fs;

use serde_json::Value;

use crate::program::{ended, in_folder, serin};

#[test]
fn a_journey_is_checked_by_itself_and_beside_its_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let steps = "steps: [{ name: a, http: 'GET {{ api }}/' }]\n";
    file("a.yaml", &format!("journey: a\nvars: {{ api: http://a.example }}\n{steps}"));
    file("b.yaml", &format!("journey: b\n{steps}"));
    file(
        "serin.yaml",
        "cutover: { name: c, names: [a.example], sides: { old: { addresses: 192.0.2.1 }, new: { addresses: 192.0.2.2 } } }\n\
         vars: { api: http://a.example }\njourneys: [{ run: a.yaml, every: 5s }]\n",
    );
    let check = |files: &str| in_folder(folder.path(), &format!("check {files}"));
    assert_eq!(check("a.yaml").out, "a: all is well, 1 step\n");
    let said = check("a.yaml b.yaml");
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""));
    assert!(said.err.contains("the variable `api` is not defined here\n --> b.yaml:2"), "{}", said.err);
    let said = check("b.yaml serin.yaml");
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(said.out.ends_with("b: all is well, 1 step\n"), "{}", said.out);

    file(
        "a.yaml",
        &format!("journey: a\nvars: {{ api: http://a.example }}\nvariants: {{ app: [1, 2, 3] }}\n{steps}"),
    );
    let said = check("serin.yaml a.yaml");
    assert!(
        said.out.contains("\n  journeys   1 in 3 variants, 1 of them in pairs (0.60 pairs a second)\n"),
        "{}",
        said.out
    );
    assert!(said.out.ends_with("\na: all is well, 1 step, 3 variants\n"), "{}", said.out);
}

#[test]
fn the_schemas_are_json() {
    for of in ["journey", "config"] {
        let said = ended(serin(["schema", of]));
        let schema: Value = serde_json::from_str(&said.out).unwrap();
        assert!(said.code == Some(0) && schema["properties"].is_object(), "{of}");
    }
}

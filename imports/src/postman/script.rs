//! Test scripts: what is commonly written in them, recognised by its form. The rest is counted and said.

use std::collections::BTreeSet;

use regex::{Captures, Regex};

use super::variables::Variables;
use crate::doc::Tree;
use crate::draft::{Save, Step};
use crate::secrets;
use crate::text::literal;
use crate::tokens::step_into;

/// The lines of a script that does something.
pub(super) fn lines<'t>(item: &'t Tree, listen: &str) -> Vec<&'t str> {
    let scripts = item.list("event").iter().filter(|event| event.text("listen") == Some(listen));
    let texts = scripts.filter_map(|event| event.get("script")?.get("exec")).flat_map(|exec| match exec {
        Tree::List(lines) => lines.iter().filter_map(Tree::as_str).collect(),
        exec => exec.as_str().into_iter().collect::<Vec<_>>(),
    });
    let lines = texts.flat_map(str::lines).map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with("//")).collect()
}

/// The forms that are recognised.
#[derive(Debug)]
pub(super) struct Patterns(Vec<(Form, Regex)>);

/// What a line of a script says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A variable that holds the answer.
    Answer,
    Status,
    StatusOneOf,
    StatusGood,
    Faster,
    HeaderThere,
    Keep,
    KeepHeader,
    Equal,
    There,
    OfType,
    Property,
}

/// The answer, or something in it: `pm.response.json().a[0]`, `jsonData.a`.
const IN_ANSWER: &str = r#"(pm\.response\.json\(\)|JSON\.parse\(responseBody\)|\w+)((?:\.\w+|\[\d+\]|\["[^"\]]*"\]|\['[^'\]]*'\])*)"#;

impl Patterns {
    pub(super) fn new() -> Self {
        let text = r#"(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(-?\d+(?:\.\d+)?|true|false|null))"#;
        let equals = r"\.to\.(?:be\.)?(?:deep\.)?(?:eql?|equals?)\(";
        let set = r#"(?:pm\.(?:environment|collectionVariables|globals|variables)\.set|postman\.set(?:Environment|Global)Variable)\(\s*["']([^"']+)["']\s*,\s*"#;
        let forms = [
            (Form::Answer, r"^(?:const|let|var)\s+(\w+)\s*=\s*(?:pm\.response\.json\(\)|JSON\.parse\(responseBody\))".to_owned()),
            (Form::Status, r"response\.to\.have\.status\(\s*(\d{3})\s*\)".to_owned()),
            (Form::Status, format!(r"pm\.expect\(\s*(?:pm\.response\.code|responseCode\.code)\s*\){equals}\s*(\d{{3}})\s*\)")),
            (Form::Status, r"responseCode\.code\s*={2,3}\s*(\d{3})".to_owned()),
            (Form::StatusOneOf, r"pm\.expect\(\s*pm\.response\.code\s*\)\.to\.be\.oneOf\(\s*\[([\d,\s]+)\]".to_owned()),
            (Form::StatusGood, r"pm\.response\.to\.be\.(?:ok|success)\b".to_owned()),
            (Form::Faster, r"pm\.expect\(\s*pm\.response\.responseTime\s*\)\.to\.be\.(?:below|lessThan|at\.most)\(\s*(\d+)".to_owned()),
            (Form::HeaderThere, r#"response\.to\.have\.header\(\s*["']([\w-]+)["']\s*\)"#.to_owned()),
            (Form::KeepHeader, format!(r#"{set}pm\.response\.headers\.get\(\s*["']([\w-]+)["']"#)),
            (Form::Keep, format!(r"{set}{IN_ANSWER}\s*\)")),
            (Form::Equal, format!(r"pm\.expect\(\s*{IN_ANSWER}\s*\){equals}\s*{text}\s*\)")),
            (Form::There, format!(r"pm\.expect\(\s*{IN_ANSWER}\s*\)\.to\.(?:exist|not\.be\.undefined|not\.be\.(?:null|empty)|be\.ok)")),
            (Form::OfType, format!(r#"pm\.expect\(\s*{IN_ANSWER}\s*\)\.to\.be\.an?\(\s*["'](\w+)["']\s*\)"#)),
            (Form::Property, format!(r#"pm\.expect\(\s*{IN_ANSWER}\s*\)\.to\.have\.property\(\s*["']([^"']+)["']\s*\)"#)),
        ];
        // Every one of them is known to be right: a test says so.
        Self(
            forms
                .into_iter()
                .filter_map(|(form, pattern)| Some((form, Regex::new(&pattern).ok()?)))
                .collect(),
        )
    }

    /// Gives the step what its test script looks at and keeps.
    pub(super) fn test(&self, lines: &[&str], step: &mut Step, variables: &mut Variables) {
        let mut reading = Reading { answers: BTreeSet::new(), step, variables };
        let mut unknown = 0;
        for line in lines {
            let mut known = false;
            for (form, pattern) in &self.0 {
                if let Some(found) = pattern.captures(line)
                    && reading.take(*form, &found).is_some()
                {
                    known = true;
                    break;
                }
            }
            let matters = line.contains("pm.expect(")
                || line.contains("pm.response.to")
                || line.contains(".set(")
                || line.contains("tests[");
            unknown += usize::from(matters && !known);
        }
        if unknown > 0 {
            step.remarks.push(format!(
                "Lines of its test script that are not known here and were left out: {unknown}."
            ));
        }
        let mut seen = BTreeSet::new();
        step.expect.retain(|line| seen.insert(line.clone()));
    }
}

struct Reading<'r> {
    /// The variables of the script that hold the answer.
    answers: BTreeSet<String>,
    step: &'r mut Step,
    variables: &'r mut Variables,
}

impl Reading<'_> {
    /// Takes over what a line says, if it can be said here.
    fn take(&mut self, form: Form, found: &Captures<'_>) -> Option<()> {
        let group = |number: usize| found.get(number).map(|text| text.as_str());
        match form {
            Form::Answer => {
                self.answers.insert(group(1)?.to_owned());
            }
            Form::Status => self.expect(format!("status == {}", status(group(1)?)?)),
            Form::StatusOneOf => {
                let all: Option<Vec<_>> =
                    group(1)?.split(',').map(str::trim).filter(|one| !one.is_empty()).map(status).collect();
                self.expect(format!("status one-of {}", all.filter(|all| !all.is_empty())?.join(" ")));
            }
            Form::StatusGood => self.expect("status < 300".to_owned()),
            Form::Faster => {
                let most = group(1)?.parse::<u32>().ok().filter(|most| *most > 0)?;
                self.expect(format!("duration < {most}ms"));
            }
            Form::HeaderThere => self.expect(format!("header {} exists", group(1)?.to_ascii_lowercase())),
            Form::KeepHeader => self.save(group(1)?, format!("header {}", group(2)?.to_ascii_lowercase())),
            Form::Keep => {
                let path = self.path(group(2)?, group(3)?)?;
                self.save(group(1)?, format!("json {path}"));
            }
            Form::Equal => {
                let path = self.path(group(1)?, group(2)?)?;
                let value = match (group(3).or(group(4)), group(5)) {
                    (Some(text), _) if !text.contains('\\') => {
                        serde_json::Value::from(literal(text)).to_string()
                    }
                    (None, Some(word)) => word.to_owned(),
                    _ => return None,
                };
                self.expect(format!("json {path} == {value}"));
            }
            Form::There => {
                let path = self.path(group(1)?, group(2)?)?;
                self.expect(format!("json {path} exists"));
            }
            Form::OfType => {
                let path = self.path(group(1)?, group(2)?)?;
                let kind = match group(3)? {
                    "array" => "list",
                    kind @ ("string" | "number" | "object" | "boolean" | "null") => kind,
                    _ => return None,
                };
                self.expect(format!("json {path} is {kind}"));
            }
            Form::Property => {
                let path = self.path(group(1)?, group(2)?)?;
                self.expect(format!("json {} exists", step_into(&path, group(3)?)));
            }
        }
        Some(())
    }

    fn expect(&mut self, line: String) {
        self.step.expect.push(line);
    }

    fn save(&mut self, name: &str, query: String) {
        let called = self.variables.save(name);
        if !self.step.save.iter().any(|save| save.name == called) {
            self.step.save.push(Save { name: called, query, secret: secrets::is_secret(name) });
        }
    }

    /// The JSONPath of what a script reads, if it is the answer that it reads from.
    fn path(&self, root: &str, path: &str) -> Option<String> {
        let is_answer =
            root.starts_with("pm.response") || root.starts_with("JSON.parse") || self.answers.contains(root);
        if !is_answer {
            return None;
        }
        let mut written = "$".to_owned();
        let mut rest = path;
        while !rest.is_empty() {
            let (step, behind) = if let Some(behind) = rest.strip_prefix('.') {
                behind.split_at(behind.find(['.', '[']).unwrap_or(behind.len()))
            } else {
                let (inside, behind) = rest.strip_prefix('[')?.split_once(']')?;
                (inside, behind)
            };
            let name = step.trim_matches(['"', '\'']);
            let index = name.len() == step.len() && rest.starts_with('[');
            written = if index { format!("{written}[{name}]") } else { step_into(&written, name) };
            rest = behind;
        }
        Some(written)
    }
}

fn status(text: &str) -> Option<String> {
    text.parse::<u16>().ok().filter(|status| (100..600).contains(status)).map(|status| status.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_commonly_written_is_recognised() {
        let patterns = Patterns::new();
        assert_eq!(patterns.0.len(), 14);
        let mut step = Step::default();
        let mut variables = Variables::default();
        let script = [
            "var jsonData = pm.response.json();",
            "pm.test('ok', function () { pm.response.to.have.status(201); });",
            "pm.expect(pm.response.code).to.be.oneOf([200, 201]);",
            "pm.expect(jsonData.user.name).to.eql(\"Ann\");",
            "pm.expect(jsonData['a b'][0]).to.equal(7);",
            "pm.expect(jsonData).to.have.property('id');",
            "pm.expect(jsonData.items).to.be.an('array');",
            "pm.expect(pm.response.responseTime).to.be.below(500);",
            "pm.environment.set('accessToken', jsonData.token);",
            "pm.collectionVariables.set(\"where\", pm.response.headers.get(\"Location\"));",
            "pm.expect(other.x).to.eql(1);",
        ];
        patterns.test(&script, &mut step, &mut variables);
        assert_eq!(
            step.expect,
            [
                "status == 201",
                "status one-of 200 201",
                "json $.user.name == \"Ann\"",
                "json $[\"a b\"][0] == 7",
                "json $.id exists",
                "json $.items is list",
                "duration < 500ms",
            ]
        );
        let saved: Vec<_> =
            step.save.iter().map(|save| (save.name.as_str(), save.query.as_str(), save.secret)).collect();
        assert_eq!(saved, [("access_token", "json $.token", true), ("where", "header location", false)]);
        assert_eq!(step.remarks, ["Lines of its test script that are not known here and were left out: 1."]);
    }
}

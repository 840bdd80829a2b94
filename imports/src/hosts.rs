//! Hosts become variables, so that a journey can be aimed elsewhere by changing one line.

use std::collections::BTreeMap;
use std::net::IpAddr;

use url::{Host, Url};

use crate::draft::Draft;
use crate::text::Text;

/// Puts a variable in the place of every origin: in the URLs, and where a header names one.
pub(crate) fn replace(draft: &mut Draft) {
    let mut origins: BTreeMap<String, String> = BTreeMap::new();
    let mut in_order = Vec::new();
    for step in draft.steps.iter().chain(&draft.finally) {
        if let Some(origin) = step.target.origin.literal()
            && !origin.is_empty()
            && !in_order.iter().any(|known| known == origin)
        {
            in_order.push(origin.to_owned());
        }
    }
    let alone = in_order.len() == 1;
    let mut vars = Vec::new();
    for origin in in_order {
        let name = draft.names.variable(&wanted(&origin, alone));
        vars.push((name.clone(), Text::from(origin.as_str())));
        origins.insert(origin, name);
    }
    for step in draft.all_steps() {
        if let Some(name) = step.target.origin.literal().and_then(|origin| origins.get(origin)) {
            step.target.origin = Text::filled(name.as_str());
        }
        for (name, value) in &mut step.headers {
            if matches!(name.as_str(), "origin" | "referer")
                && let Some(variable) =
                    value.literal().and_then(|origin| origins.get(origin.trim_end_matches('/')))
            {
                *value = Text::filled(variable.as_str());
            }
        }
    }
    vars.append(&mut draft.vars);
    draft.vars = vars;
}

/// What the variable of an origin is called: `api` for https://api.acme.example.
fn wanted(origin: &str, alone: bool) -> String {
    let host = Url::parse(origin).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    let labels: Vec<_> = host.split('.').collect();
    let first = labels.first().copied().unwrap_or_default();
    if host.parse::<IpAddr>().is_ok() || host.starts_with('[') || labels.len() < 2 {
        return "base".to_owned();
    }
    match first {
        _ if labels.contains(&"api") => "api".to_owned(),
        "www" => "site".to_owned(),
        _ if labels.len() == 2 => "site".to_owned(),
        // A name of a machine, such as eu-west-1-7f3a, says nothing to anybody.
        _ if first.len() > 16 || first.starts_with(|c: char| c.is_ascii_digit()) => {
            if alone { "base" } else { "host" }.to_owned()
        }
        _ => first.to_owned(),
    }
}

/// Whose host it is, as a prefix of variables of the environment: `ACME` for https://api.acme.example.
pub(crate) fn owner(origin: &str) -> String {
    let url = Url::parse(origin).ok();
    let Some(Host::Domain(host)) = url.as_ref().and_then(Url::host) else { return "APP".to_owned() };
    let labels: Vec<_> = host.split('.').rev().skip(1).collect();
    // In acme.co.uk it is not the `co`.
    let own = labels.iter().find(|label| label.len() > 3).or(labels.first());
    let own = own.map(|label| crate::names::identifier(label).to_ascii_uppercase());
    own.filter(|own| own.len() <= 20).unwrap_or_else(|| "APP".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_called_by_what_people_call_it() {
        for (origin, name) in [
            ("https://api.acme.example", "api"),
            ("https://eu.api.acme.example", "api"),
            ("https://www.acme.example", "site"),
            ("https://acme.example:8443", "site"),
            ("http://127.0.0.1:8080", "base"),
            ("http://[::1]:8080", "base"),
            ("http://localhost:8080", "base"),
        ] {
            assert_eq!(wanted(origin, true), name, "{origin}");
        }
        for (origin, prefix) in [
            ("https://api.acme.example", "ACME"),
            ("https://api.acme.co.uk", "ACME"),
            ("http://127.0.0.1", "APP"),
            ("http://localhost", "APP"),
        ] {
            assert_eq!(owner(origin), prefix, "{origin}");
        }
    }
}

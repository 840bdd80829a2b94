//! What a user does in a browser.

use std::path::PathBuf;

use probes::browser::{Command, Limit, Visit, Wait};
use regex::Regex;
use url::Url;

use super::Trouble;
use crate::answer::{Answer, Page};
use crate::run::At;
use crate::session::{Call, Session};
use crate::template::Template;
use crate::vars::Vars;

/// How long each command may take in a step that has no timeout of its own for all of them.
const EACH: std::time::Duration = std::time::Duration::from_secs(10);

/// What a user does in a browser, one thing after the other.
#[derive(Debug)]
pub(crate) struct BrowserAction {
    pub(crate) commands: Vec<Doing>,
    /// Where each of them is written.
    pub(crate) places: Vec<At>,
    /// The folder from which paths count.
    pub(crate) base: PathBuf,
}

/// One thing that a user does.
#[derive(Debug)]
pub(crate) enum Doing {
    Goto(Template),
    Click(Template),
    Fill(String, Template),
    Press(String),
    Select(String, Template),
    Wait(Awaited),
    Evaluate(Template),
    Upload(String, Template),
    Screenshot(String),
}

/// What is waited for.
#[derive(Debug)]
pub(crate) enum Awaited {
    Selector(Template),
    Text(Template),
    Url(Regex),
    Idle,
}

impl BrowserAction {
    pub(super) async fn perform(
        &self,
        session: &mut Session<'_>,
        call: &Call<'_>,
    ) -> Result<Answer, Trouble> {
        let commands = self.commands(call.vars)?;
        let limit = call.limit.map_or(Limit::Each(EACH), Limit::Together);
        let page = session.page(call.route, &self.hosts(call.vars)).await?;
        let visited = page.perform(&commands, limit).await;
        let visit = visited
            .map_err(|error| Trouble { at: self.places.get(page.done()).cloned(), ..Trouble::from(error) })?;
        let mut answer = answer(visit);
        answer.answered = Some(session.markers().of_answer(&answer));
        Ok(answer)
    }

    /// The hosts that it goes to, as far as they can be told.
    pub(crate) fn hosts(&self, vars: &Vars) -> Vec<String> {
        let visited = self.commands.iter().filter_map(|doing| match doing {
            Doing::Goto(url) => vars.render(url).ok(),
            _ => None,
        });
        visited.filter_map(|url| Some(Url::parse(&url).ok()?.host_str()?.to_owned())).collect()
    }

    fn commands(&self, vars: &Vars) -> Result<Vec<Command>, Trouble> {
        let file = |path: String| self.base.join(path);
        let commands = self.commands.iter().map(|doing| {
            Ok(match doing {
                Doing::Goto(url) => {
                    let url = vars.render(url)?;
                    Command::Goto(
                        Url::parse(&url)
                            .map_err(|error| Trouble::script(format!("`{url}` is no URL: {error}")))?,
                    )
                }
                Doing::Click(selector) => Command::Click(vars.render(selector)?),
                Doing::Fill(selector, text) => {
                    Command::Fill { selector: selector.clone(), text: vars.render(text)? }
                }
                Doing::Press(key) => Command::Press(key.clone()),
                Doing::Select(selector, value) => {
                    Command::Select { selector: selector.clone(), value: vars.render(value)? }
                }
                Doing::Wait(awaited) => Command::Wait(match awaited {
                    Awaited::Selector(selector) => Wait::Selector(vars.render(selector)?),
                    Awaited::Text(text) => Wait::Text(vars.render(text)?),
                    Awaited::Url(regex) => Wait::Url(regex.clone()),
                    Awaited::Idle => Wait::Idle,
                }),
                Doing::Evaluate(script) => Command::Evaluate(vars.render(script)?),
                Doing::Upload(selector, path) => {
                    Command::Upload { selector: selector.clone(), file: file(vars.render(path)?) }
                }
                Doing::Screenshot(name) => Command::Screenshot(name.clone()),
            })
        });
        commands.collect()
    }
}

/// The page as an answer: its body is the document as it is now, its JSON what the last script came to.
fn answer(visit: Visit) -> Answer {
    let answer = Answer {
        status: visit.status,
        headers: visit.headers,
        body: visit.html,
        cut_from: visit.cut_from,
        url: Url::parse(&visit.url).ok(),
        page: Some(Page { title: visit.title, vitals: visit.vitals }),
        parts: visit.parts,
        peer: visit.peer,
        reached: visit.reached,
        ..Answer::default()
    };
    let json = visit.json.ok_or_else(|| "no result: the step evaluates nothing".to_owned());
    answer.json.get_or_init(|| json);
    answer
}

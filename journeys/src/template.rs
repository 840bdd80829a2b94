//! Templates: texts with `{{ variables }}`, compiled when the file is loaded.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Value};

use crate::functions::{self, Findings, Sources};
use crate::secret::{Redactor, Secrets};

/// A text that may name variables.
#[derive(Debug, Clone)]
pub(crate) enum Template {
    /// No variable in it: itself.
    Literal(Arc<str>),
    /// Nothing but one variable: it keeps its type (a number saved from JSON goes into JSON as a number).
    Variable(Arc<str>),
    /// Variables among other text, `{{ api }}/users`: nearly all that there is, so it is put together without a compiler.
    Pieces(Arc<[Piece]>),
    /// Nothing but one expression, `{{ random_int(1, 6) }}`: what it comes to keeps its type, too.
    Expression {
        /// The name under which the workshop keeps it.
        name: Arc<str>,
        /// What stands between the braces.
        source: Arc<str>,
        /// The variables that it needs.
        needs: Arc<BTreeSet<String>>,
    },
    /// Anything else, by its name in the workshop that compiled it.
    Compiled {
        /// The name under which the workshop keeps it.
        name: Arc<str>,
        /// The variables that it needs.
        needs: Arc<BTreeSet<String>>,
    },
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Itself.
    Literal(Arc<str>),
    /// What the variable of that name has.
    Variable(Arc<str>),
}

/// A template that cannot be compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BadTemplate {
    /// Everything that is wrong with it, in order: once at least.
    pub(crate) faults: Vec<Fault>,
    /// The variables that it needs, as far as can be told.
    pub(crate) needs: BTreeSet<String>,
}

/// Something wrong with a template, and where in its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The first character that is wrong, from 0.
    pub(crate) at: usize,
    /// How many characters are meant.
    pub(crate) width: usize,
    /// What is wrong with them.
    pub(crate) message: String,
    /// The way out, where there is one.
    pub(crate) help: Option<String>,
}

/// Compiles a journey's templates, and then keeps them.
#[derive(Debug)]
pub(crate) struct Workshop {
    environment: Environment<'static>,
    made: usize,
    /// What is known before any run, to try out calls with.
    known: BTreeMap<String, Value>,
    redactor: Redactor,
}

impl Workshop {
    pub(crate) fn new() -> Self {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
        // The delimiters are the usual ones, which the builder cannot refuse.
        let syntax = SyntaxConfig::builder().keep_trailing_newline(true).build().unwrap_or_default();
        environment.set_syntax(syntax);
        functions::register(&mut environment, &Arc::new(Sources::of_this_machine()));
        Self { environment, made: 0, known: BTreeMap::new(), redactor: Redactor::default() }
    }

    /// What runs will know from their beginning: calls that need no more are tried out when they are compiled.
    pub(crate) fn knows(&mut self, given: &BTreeMap<String, String>, secrets: &Secrets) {
        let given = given.iter().map(|(name, value)| (name.clone(), Value::from(value)));
        let named = secrets.iter().map(|(name, secret)| (format!("secret.{name}"), secret.reveal().into()));
        self.known = given.chain(named).collect();
        self.redactor = Redactor::new(secrets.clone());
    }

    /// Compiles a text.
    pub(crate) fn compile(&mut self, text: &str) -> Result<Template, BadTemplate> {
        let Some(first) = ["{{", "{%", "{#"].iter().filter_map(|open| text.find(open)).min() else {
            return Ok(Template::Literal(text.into()));
        };
        if let Some(name) = only_a_variable(text) {
            return Ok(Template::Variable(name.into()));
        }
        if let Some(pieces) = pieces(text) {
            return Ok(Template::Pieces(pieces.into()));
        }
        self.made += 1;
        // No extension in the name: a template must not be escaped as if it were HTML.
        let name: Arc<str> = format!("t{}", self.made).into();
        let Findings { mut faults, needs: named } = match text.contains("{%") && text.contains("endraw") {
            // What stands in there is nothing to be filled in.
            true => Findings::default(),
            false => functions::findings(&self.environment, text, &self.known),
        };
        let added = self.environment.add_template_owned(name.to_string(), text.to_owned());
        let named = match added.and_then(|()| self.environment.get_template(&name)) {
            Ok(compiled) => compiled.undeclared_variables(true).into_iter().collect(),
            Err(error) => {
                // What is wrong in one of its `{{ }}` is told there.
                if faults.is_empty() {
                    let message = error.detail().unwrap_or("it cannot be understood").to_owned();
                    let (at, width) = (text[..first].chars().count(), text[first..].chars().count());
                    faults.push(Fault { at, width, message, help: None });
                }
                // A block has variables of its own.
                if text.contains("{%") { BTreeSet::new() } else { named }
            }
        };
        let mut needs: BTreeSet<String> = named.iter().map(|name| root_of(name)).collect();
        for (global, _) in self.environment.globals() {
            if text.contains(&format!("{global}(")) {
                needs.remove(global);
            }
        }
        if !faults.is_empty() {
            // A call may have been tried with a secret, and show it in its message.
            for fault in &mut faults {
                fault.message = self.redactor.clean(&fault.message).into_string();
            }
            return Err(BadTemplate { faults, needs });
        }
        let needs = Arc::new(needs);
        Ok(match self.only_an_expression(text) {
            Some(source) => Template::Expression { name, source: source.into(), needs },
            None => Template::Compiled { name, needs },
        })
    }

    /// What stands between the braces, when `text` is `{{ .. }}` and nothing else.
    fn only_an_expression<'t>(&self, text: &'t str) -> Option<&'t str> {
        let source = text.strip_prefix("{{")?.strip_suffix("}}")?;
        // `{{- a }}` takes off the spaces before it, and is no negation; `{{ a }} {{ b }}` has braces at both ends, too.
        (!source.starts_with(['-', '+'])
            && !source.contains("{{")
            && self.environment.compile_expression(source).is_ok())
        .then_some(source)
    }

    /// The environment as it is now, for trying out a template.
    pub(crate) fn snapshot(&self) -> Arc<Environment<'static>> {
        Arc::new(self.environment.clone())
    }

    /// The environment with everything that was compiled.
    pub(crate) fn finish(self) -> Arc<Environment<'static>> {
        Arc::new(self.environment)
    }
}

impl Template {
    /// The variables that must be there when it is rendered.
    pub(crate) fn needs(&self) -> Vec<&str> {
        match self {
            Self::Literal(_) => Vec::new(),
            Self::Variable(name) => vec![name],
            Self::Pieces(pieces) => {
                let variables = pieces.iter().filter_map(|piece| match piece {
                    Piece::Variable(name) => Some(&**name),
                    Piece::Literal(_) => None,
                });
                variables.collect()
            }
            Self::Expression { needs, .. } | Self::Compiled { needs, .. } => {
                needs.iter().map(String::as_str).collect()
            }
        }
    }

    /// The text, if there is nothing to fill in.
    pub(crate) fn literal(&self) -> Option<&str> {
        match self {
            Self::Literal(text) => Some(text),
            _ => None,
        }
    }
}

/// The name of the variable, when `text` is `{{ name }}` and nothing else.
fn only_a_variable(text: &str) -> Option<&str> {
    let name = text.strip_prefix("{{")?.strip_suffix("}}")?.trim();
    is_name(name).then_some(name)
}

/// The parts of a text in which nothing but variables is to be filled in.
fn pieces(text: &str) -> Option<Vec<Piece>> {
    if text.contains("{%") || text.contains("{#") {
        return None;
    }
    let (mut pieces, mut rest) = (Vec::new(), text);
    while let Some((before, behind)) = rest.split_once("{{") {
        let (name, next) = behind.split_once("}}")?;
        if !is_name(name.trim()) {
            return None;
        }
        if !before.is_empty() {
            pieces.push(Piece::Literal(before.into()));
        }
        pieces.push(Piece::Variable(name.trim().into()));
        rest = next;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Literal(rest.into()));
    }
    Some(pieces)
}

/// The groups of variables that have names in two parts, such as `run.id`: their names are taken.
pub(crate) const GROUPS: [&str; 4] = ["run", "variant", "secret", "data"];

/// What a variable that somebody names may be called, in words.
pub const NAMES: &str =
    "letters, digits and _, not beginning with a digit; `run`, `variant`, `secret` and `data` are taken";

/// Whether somebody may name a variable so: see [`NAMES`].
pub fn is_free_name(name: &str) -> bool {
    is_name(name) && !name.contains('.') && !GROUPS.contains(&name)
}

/// The group and the name within it, of a variable that belongs to one.
pub(crate) fn grouped(name: &str) -> Option<(&str, &str)> {
    name.split_once('.').filter(|(group, _)| GROUPS.contains(group))
}

/// Whether this can be a variable's name. Those of a group are in two parts, `run.id`.
pub(crate) fn is_name(name: &str) -> bool {
    let plain = grouped(name).map_or(name, |(_, name)| name);
    let mut characters = plain.chars();
    characters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// `run.id` is a variable of its own; of `user.name` the variable is `user`.
fn root_of(name: &str) -> String {
    let first = |path: &str| path.split('.').next().unwrap_or(path).to_owned();
    match grouped(name) {
        Some((group, rest)) => format!("{group}.{}", first(rest)),
        None => first(name),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn needs(text: &str) -> Vec<String> {
        let template = Workshop::new().compile(text).unwrap();
        template.needs().into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn a_template_knows_what_it_needs() {
        assert!(needs("plain, and {single} braces").is_empty());
        assert_eq!(needs("{{ user }}"), ["user"]);
        assert_eq!(needs("{{ run.id }}"), ["run.id"]);
        assert_eq!(needs("canary+{{ run.id }}@{{ domain.name }}"), ["domain", "run.id"]);
        assert_eq!(needs("{{ variant.app }}"), ["variant.app"]);
        assert_eq!(needs("{{ user | upper }}{% for i in range(3) %}{{ i }}{% endfor %}"), ["user"]);
    }

    #[test]
    fn what_is_nothing_but_variables_among_text_is_put_together() {
        let literal = |text: &str| Piece::Literal(text.into());
        let variable = |name: &str| Piece::Variable(name.into());
        assert_eq!(
            pieces("{{ api }}/users/{{run.id}}}}").unwrap(),
            [variable("api"), literal("/users/"), variable("run.id"), literal("}}")]
        );
        for other in
            ["{{ a.b }}/c", "{{ a|upper }}/c", "{{- a }}/c", "a {% if b %}{% endif %}{{ c }}", "{{ a"]
        {
            assert!(pieces(other).is_none(), "{other}");
        }
    }

    #[test]
    fn what_is_raw_is_not_looked_at() {
        let mut workshop = Workshop::new();
        assert!(workshop.compile("{% raw %}{{ a b }}{% endraw %}{{ id|upper }}").is_ok());
        assert!(workshop.compile("{{ a b }}{{ id|upper }}").is_err());
    }

    #[test]
    fn a_bad_template_says_where() {
        let bad = Workshop::new().compile("ab {{ user ").unwrap_err();
        assert_eq!(bad.faults[0].at, 3);
        let bad = Workshop::new().compile("{{ user|uper }}/{{ a b }}/{{ foo }}{{ now() }}").unwrap_err();
        let places: Vec<_> = bad.faults.iter().map(|fault| (fault.at, fault.width)).collect();
        assert_eq!(places, [(0, 15), (16, 9)]);
        assert_eq!(bad.faults[0].help.as_deref(), Some("did you mean `upper`?"));
        assert!(bad.needs.iter().eq(["foo", "user"]), "{:?}", bad.needs);
        assert!(Workshop::new().compile("{{ user | nosuchfilter }}").is_err());
    }
}

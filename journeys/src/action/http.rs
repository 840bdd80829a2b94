//! A request over HTTP.

use std::sync::Arc;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use probes::HttpRequest;
use url::Url;
use url::form_urlencoded::Serializer;

use super::{JsonTemplate, Trouble};
use crate::answer::Answer;
use crate::session::{Call, Session};
use crate::template::Template;
use crate::vars::Vars;

/// A request over HTTP.
#[derive(Debug)]
pub(crate) struct HttpAction {
    pub(crate) method: Method,
    pub(crate) url: Template,
    pub(crate) headers: Vec<(HeaderName, Template)>,
    pub(crate) body: Body,
}

/// What a request carries.
#[derive(Debug)]
pub(crate) enum Body {
    Empty,
    Text(Template),
    Json(JsonTemplate),
    Form(Vec<(String, Template)>),
}

impl HttpAction {
    pub(super) async fn perform(
        &self,
        session: &mut Session<'_>,
        call: &Call<'_>,
    ) -> Result<Answer, Trouble> {
        let mut request = self.request(call.vars)?;
        request.timeouts = Some(call.timeouts);
        session.identify(&mut request.headers);
        let response = session.http(call)?.send(request).await?;
        let mut answer = Answer {
            status: Some(response.status),
            version: Some(response.version),
            headers: response.headers,
            cut_from: response.truncated.then_some(response.body_len),
            body: response.body,
            url: Some(response.url),
            redirects: response.redirects.len(),
            certificate: response.certificate.map(Arc::unwrap_or_clone),
            parts: response.parts,
            peer: Some(response.peer),
            reached: Some(response.reached),
            ..Answer::default()
        };
        answer.answered = Some(session.markers().of_answer(&answer));
        Ok(answer)
    }

    /// The host that it asks.
    pub(super) fn host(&self, vars: &Vars) -> Result<String, Trouble> {
        let url = self.url(vars)?;
        let host = url.host_str().ok_or_else(|| Trouble::script(format!("`{url}` names no host")))?;
        Ok(host.to_owned())
    }

    fn url(&self, vars: &Vars) -> Result<Url, Trouble> {
        let url = vars.render(&self.url)?;
        Url::parse(&url).map_err(|error| Trouble::script(format!("`{url}` is no URL: {error}")))
    }

    fn request(&self, vars: &Vars) -> Result<HttpRequest, Trouble> {
        let url = self.url(vars)?;
        let mut request = HttpRequest::new(self.method.clone(), url);
        let (body, content_type) = self.body.render(vars)?;
        request.body = body;
        if let Some(content_type) = content_type {
            request.headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        let mut own = HeaderMap::new();
        for (name, template) in &self.headers {
            let value = HeaderValue::try_from(vars.render(template)?).map_err(|_| {
                Trouble::script(format!("the value of header `{name}` cannot be sent in a header"))
            })?;
            own.append(name, value);
        }
        // What the step says takes the place of what it did not have to say.
        request.headers.extend(own);
        Ok(request)
    }
}

impl Body {
    /// The bytes, and what they are.
    fn render(&self, vars: &Vars) -> Result<(Bytes, Option<&'static str>), Trouble> {
        Ok(match self {
            Self::Empty => (Bytes::new(), None),
            Self::Text(template) => (vars.render(template)?.into(), Some("text/plain; charset=utf-8")),
            Self::Json(template) => (template.render(vars)?.to_string().into(), Some("application/json")),
            Self::Form(fields) => {
                let mut form = Serializer::new(String::new());
                for (name, template) in fields {
                    form.append_pair(name, &vars.render(template)?);
                }
                (form.finish().into(), Some("application/x-www-form-urlencoded"))
            }
        })
    }
}

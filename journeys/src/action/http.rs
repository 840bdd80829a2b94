//! A request over HTTP.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use probes::{HttpRequest, HttpVersion};
use url::Url;

use super::body::Carried;
use super::{Body, Certificates, Trouble};
use crate::answer::Answer;
use crate::run::Sent;
use crate::session::{Call, Session};
use crate::template::Template;
use crate::vars::Vars;

/// A request over HTTP.
#[derive(Debug)]
pub(crate) struct HttpAction {
    pub(crate) method: Method,
    pub(crate) url: Template,
    pub(crate) query: Vec<(String, Template)>,
    pub(crate) headers: Vec<(HeaderName, Template)>,
    pub(crate) cookies: Vec<(String, Template)>,
    pub(crate) credentials: Option<(Template, Template)>,
    pub(crate) body: Body,
    /// How many redirects are followed at most.
    pub(crate) redirects: usize,
    pub(crate) version: Option<HttpVersion>,
    /// Other certificates than all requests have.
    pub(crate) certificates: Option<Certificates>,
}

impl HttpAction {
    pub(super) async fn perform(
        &self,
        session: &mut Session<'_>,
        call: &Call<'_>,
    ) -> Result<Answer, Trouble> {
        let (mut request, of) = self.request(call.vars)?;
        request.timeouts = Some(call.timeouts);
        request.trust = self.certificates.as_ref().map(|own| session.trust(own)).transpose()?;
        session.note(&mut request, of, self.certificates.as_ref());
        session.identify(&mut request.headers);
        let response = session.http(call)?.send(request).await?;
        let mut answer = Answer {
            status: Some(response.status),
            version: Some(response.version),
            headers: response.headers,
            cut_from: response.truncated.then_some(response.body_len),
            body: response.body,
            url: Some(response.url),
            redirects: response.redirects,
            certificate: response.certificate,
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
        let text = vars.render(&self.url)?;
        let url = Url::parse(&text).map_err(|error| Trouble::script(format!("`{text}` is no URL: {error}")));
        let mut url = url?;
        for (name, template) in &self.query {
            url.query_pairs_mut().append_pair(name, &vars.render(template)?);
        }
        Ok(url)
    }

    /// The request, and what its body was made of, where that does not tell itself.
    fn request(&self, vars: &Vars) -> Result<(HttpRequest, Option<Sent<String>>), Trouble> {
        let url = self.url(vars)?;
        let mut request = HttpRequest::new(self.method.clone(), url);
        let Carried { bytes, kind, of } = self.body.render(vars)?;
        request.body = bytes;
        if let Some(kind) = kind {
            let value = HeaderValue::try_from(kind);
            request.headers.extend(value.ok().map(|value| (CONTENT_TYPE, value)));
        }
        let mut own = HeaderMap::new();
        for (name, template) in &self.headers {
            own.append(name, header_value(name, &vars.render(template)?)?);
        }
        // What the step says takes the place of what it did not have to say.
        request.headers.extend(own);
        for (name, template) in &self.cookies {
            request.cookies.push((name.clone(), vars.render(template)?));
        }
        if let Some((name, password)) = &self.credentials {
            request.credentials = Some((vars.render(name)?, vars.render(password)?));
        }
        (request.redirects, request.version) = (self.redirects, self.version);
        Ok((request, of))
    }
}

/// A header's value, if it can be one.
pub(super) fn header_value(name: &HeaderName, text: &str) -> Result<HeaderValue, Trouble> {
    HeaderValue::try_from(text)
        .map_err(|_| Trouble::script(format!("the value of header `{name}` cannot be sent in a header")))
}

//! The mail server, as a URL names it, and one mail's way to it (RFC 5321).

use std::fmt;
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::authentication;
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use url::{Host, Url};

/// How long the farewell may take: the mail is delivered by then.
const FAREWELL: Duration = Duration::from_secs(1);

/// Who the canary is to the mail server.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The user.
    pub user: String,
    /// The password: never printed.
    pub password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("user", &self.user).finish_non_exhaustive()
    }
}

/// Why a server cannot be used as it is written.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The text is no such URL.
    #[error(
        "`{0}` is no mail server: write smtps://HOST, smtp+starttls://HOST or, for plain text, smtp://HOST, \
         each with :PORT if it is another than 465, 587 or 25"
    )]
    Url(String),
    /// User and password stand in the URL, where every log would show them.
    #[error("the URL of the mail server holds a user or password: give them in fields of their own")]
    UserInUrl,
    /// The password would cross the network in plain text.
    #[error("a password over plain smtp:// can be read on the way to {0}: use smtps:// or smtp+starttls://")]
    PlainPassword(String),
    /// The CA file is something else.
    #[error(
        "the CA file for {0} holds no certificate: it must be PEM, with a line -----BEGIN CERTIFICATE-----"
    )]
    NoCertificate(String),
    /// The CA certificate cannot be used.
    #[error("the CA certificate for {host} cannot be used: {source}")]
    Ca {
        /// The server it is for.
        host: String,
        /// What is wrong with it.
        source: lettre::transport::smtp::Error,
    },
}

/// A mail server and how to speak with it.
pub(crate) struct Server {
    host: String,
    port: u16,
    security: Security,
    credentials: Option<authentication::Credentials>,
}

enum Security {
    Plain,
    /// TLS from the first byte (RFC 8314).
    Tls(TlsParameters),
    /// TLS after `STARTTLS`, and nothing before it (RFC 3207).
    StartTls(TlsParameters),
}

impl Server {
    /// Reads `url`; `ca` is the PEM of a certificate to trust beside the public ones.
    pub(crate) fn new(
        url: &str,
        credentials: Option<&Credentials>,
        ca: Option<&[u8]>,
    ) -> Result<Self, ServerError> {
        let wrong = || ServerError::Url(without_user(url));
        let parsed = Url::parse(url).map_err(|_| wrong())?;
        if !parsed.username().is_empty() || parsed.password().is_some() {
            return Err(ServerError::UserInUrl);
        }
        let host = match parsed.host().ok_or_else(wrong)? {
            Host::Domain(name) => name.to_owned(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        };
        let rest = (parsed.path(), parsed.query(), parsed.fragment());
        if host.is_empty() || !matches!(rest, ("" | "/", None, None)) {
            return Err(wrong());
        }
        let (port, security) = match parsed.scheme() {
            "smtp" => (25, Security::Plain),
            "smtps" => (465, Security::Tls(tls(&host, ca)?)),
            "smtp+starttls" => (587, Security::StartTls(tls(&host, ca)?)),
            _ => return Err(wrong()),
        };
        if credentials.is_some() && matches!(security, Security::Plain) && !is_here(&host) {
            return Err(ServerError::PlainPassword(host));
        }
        let credentials = credentials.map(|given| (given.user.clone(), given.password.clone()).into());
        Ok(Self { port: parsed.port().unwrap_or(port), host, security, credentials })
    }

    /// Hands one mail over. On success says in the server's words how it was taken, and which recipients were not.
    ///
    /// # Errors
    /// When no recipient was taken or the conversation failed. One recipient refused does not keep it from the others.
    pub(crate) async fn deliver(
        &self,
        from: &Address,
        to: &[Address],
        mail: &[u8],
    ) -> Result<Receipt, lettre::transport::smtp::Error> {
        let mut connection = self.connect().await?;
        connection.command(Mail::new(Some(from.clone()), vec![])).await?;
        let (mut refused, mut worst) = (Vec::new(), None::<lettre::transport::smtp::Error>);
        for address in to {
            match connection.command(Rcpt::new(address.clone(), vec![])).await {
                Ok(_) => {}
                Err(error) if error.status().is_some() => {
                    refused.push(format!("{address}: {error}"));
                    // One that may be taken later makes another attempt worthwhile.
                    if worst.as_ref().is_none_or(lettre::transport::smtp::Error::is_permanent) {
                        worst = Some(error);
                    }
                }
                Err(error) => return Err(error),
            }
        }
        match worst {
            Some(error) if refused.len() == to.len() => return Err(error),
            _ => {}
        }
        connection.command(Data).await?;
        let answer = connection.message(mail).await?;
        Ok(Receipt { words: answer.first_line().unwrap_or_default().to_owned(), refused, connection })
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, lettre::transport::smtp::Error> {
        let hello = ClientId::default();
        let at_once = match &self.security {
            Security::Tls(parameters) => Some(parameters.clone()),
            Security::Plain | Security::StartTls(_) => None,
        };
        let address = (self.host.as_str(), self.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(address, None, &hello, at_once, None).await?;
        if let Security::StartTls(parameters) = &self.security {
            connection.starttls(parameters.clone(), &hello).await?;
        }
        if let Some(credentials) = &self.credentials {
            let ways = [authentication::Mechanism::Plain, authentication::Mechanism::Login];
            connection.auth(&ways, credentials).await?;
        }
        Ok(connection)
    }
}

/// The server's acknowledgement.
pub(crate) struct Receipt {
    /// The first line of what it said.
    pub(crate) words: String,
    /// Recipients it did not take, each with the reason.
    pub(crate) refused: Vec<String>,
    connection: AsyncSmtpConnection,
}

impl Receipt {
    /// Says goodbye. The mail is delivered already, so a server that hangs here changes nothing.
    pub(crate) async fn part(mut self) {
        if tokio::time::timeout(FAREWELL, self.connection.quit()).await.is_err() {
            tracing::debug!("the mail server took the mail and did not say goodbye");
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server({self})")
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

fn tls(host: &str, ca: Option<&[u8]>) -> Result<TlsParameters, ServerError> {
    let wrong = |source| ServerError::Ca { host: host.to_owned(), source };
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Some(pem) = ca {
        // A file without any certificate would be taken as "none to add", and fail at the first mail.
        if !String::from_utf8_lossy(pem).contains("-----BEGIN CERTIFICATE-----") {
            return Err(ServerError::NoCertificate(host.to_owned()));
        }
        builder = builder.add_root_certificate(Certificate::from_pem(pem).map_err(wrong)?);
    }
    builder.build_rustls().map_err(wrong)
}

fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

/// The text up to a user and password, which must not appear in an error.
fn without_user(url: &str) -> String {
    match url.rsplit_once('@') {
        Some((_, rest)) => format!("...@{rest}"),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(url: &str, credentials: Option<&Credentials>, ca: Option<&[u8]>) -> String {
        match Server::new(url, credentials, ca) {
            Ok(server) => server.to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn the_scheme_gives_the_port() {
        assert_eq!(told("smtp://127.0.0.1:2525", None, None), "127.0.0.1:2525");
        assert_eq!(told("smtps://mail.acme.example", None, None), "mail.acme.example:465");
        assert_eq!(told("smtp+starttls://mail.acme.example/", None, None), "mail.acme.example:587");
        assert_eq!(told("smtp://[::1]", None, None), "::1:25");
    }

    #[test]
    fn what_cannot_be_used_is_refused_with_the_way_out() {
        let ann = Credentials { user: "ann".to_owned(), password: "se-cret".to_owned() };
        for url in
            ["mail.acme.example", "http://mail.acme.example", "smtp://", "smtp://h/path", "smtps://h?x=1", ""]
        {
            assert!(told(url, None, None).contains("is no mail server: write smtps://HOST"), "{url}");
        }
        let told_of_user = told("smtps://ann:se-cret@mail.acme.example", None, None);
        assert!(told_of_user.contains("fields of their own"), "{told_of_user}");
        assert!(!told("nonsense ann:se-cret@mail", None, None).contains("se-cret"));
        assert!(told("smtp://mail.acme.example", Some(&ann), None).contains("can be read on the way"));
        assert_eq!(told("smtp://localhost", Some(&ann), None), "localhost:25");
        assert!(told("smtps://h", None, Some(b"garbage")).contains("CA file for h holds no certificate"));
        let torn = b"-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n";
        assert!(told("smtps://h", None, Some(torn)).contains("CA certificate for h"));
        assert!(!format!("{ann:?}").contains("se-cret"));
    }
}

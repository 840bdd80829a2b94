//! Each request of a run, made again by curl itself from the line that is printed for it: what arrives is the same.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod server;

use std::collections::BTreeMap;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use cutover::{Outcome, Route, Side, Sides};
use journeys::{Aims, Journey, Known, RunContext, Secrets};
use probes::{Aim, Pins, Resolver, Trust};
use results::{Look, Performed, Sources};
use tempfile::TempDir;

use server::{Authority, Got, Server};

/// Where both hosts are, whatever DNS says.
const ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 0, 64, 1);
const PASSWORD: &str = "hunter2-hunter2";

/// Servers that write down what arrives, and a folder with what steps send.
struct World {
    plain: Server,
    secure: Server,
    folder: TempDir,
    context: RunContext,
}

async fn world() -> World {
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, content: &[u8]| fs::write(folder.path().join(name), content).unwrap();
    put("password", PASSWORD.as_bytes());
    put("photo \"1\".png", b"\x89PNG\r\n\0\xff");
    put("long.bin", &vec![b'\xfe'; (1 << 20) + 1]);
    put("ca.pem", authority.pem().as_bytes());
    let (certificate, key) = authority.identity("canary");
    put("me:1.pem", certificate.as_bytes());
    put("me.key", key.as_bytes());
    let plain = Server::start(ADDRESS, None).await;
    let secure = Server::start(ADDRESS, Some(authority.acceptor("secure.example"))).await;
    let vars = [
        ("host".to_owned(), format!("plain.example:{}", plain.port())),
        ("secure".to_owned(), format!("secure.example:{}", secure.port())),
    ];
    let context = RunContext {
        route: Route::Old,
        keep_requests: true,
        vars: Arc::new(BTreeMap::from(vars)),
        ..RunContext::new(aims().await, Trust::new(&[authority.pem().into_bytes()]).unwrap(), "serin/test")
    };
    World { plain, secure, folder, context }
}

async fn aims() -> Aims {
    // It is never asked: both names are pinned.
    let nobody = SocketAddr::from((ADDRESS, 9));
    let resolver = Resolver::connect("none", nobody, std::time::Duration::from_secs(1)).await.unwrap();
    let net = |text: &str| vec![text.parse().unwrap()];
    let sides = Arc::new(Sides::new(net("127.0.64.0/24"), net("127.0.65.0/24")).unwrap());
    let mut pins = Pins::default();
    pins.pin(Side::Old, "plain.example", IpAddr::V4(ADDRESS));
    pins.pin(Side::Old, "secure.example", IpAddr::V4(ADDRESS));
    let pins = Arc::new(pins);
    let aim = |route| Aim::new(route, sides.clone(), pins.clone(), resolver.clone());
    Aims { old: aim(Route::Old), new: aim(Route::New), live: aim(Route::Live) }
}

impl World {
    /// Runs a journey, and gives back the lines that are printed for its requests.
    async fn lines(&self, journey: &str, authority: Option<&str>) -> Vec<String> {
        let file = self.folder.path().join("j.yaml");
        fs::write(&file, journey).unwrap();
        let known = Known { vars: &self.context.vars, secrets: &Secrets::default() };
        let journey = Journey::load(&file, known).unwrap_or_else(|rejected| unreachable!("{rejected}"));
        let run = journey.run(&self.context).await;
        assert_eq!((run.detail.as_str(), &run.outcome), ("", &Outcome::Passed));
        let performed = Performed::new("j.yaml".into(), &journey, run);
        let look = Look { curl: true, ..Look::PLAIN };
        let text = results::run(&performed, &Sources::default(), authority, look);
        assert!(!text.contains(PASSWORD), "{text}");
        text.lines().map(str::trim).filter(|line| line.starts_with("curl ")).map(str::to_owned).collect()
    }

    /// Everything that has arrived since the last time.
    fn got(&self) -> Vec<Got> {
        self.plain.got().into_iter().chain(self.secure.got()).collect()
    }
}

/// A line in a shell, with the secrets that it names.
fn typed(line: &str, folder: &Path) -> Output {
    let mut shell = Command::new("bash");
    shell.args(["-c", &format!("set -u; {line}")]).current_dir(folder);
    // Nothing of whoever runs the tests: no .curlrc, no proxy.
    shell.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", folder);
    shell.env("PASSWORD", PASSWORD).env("TOKEN", server::TOKEN);
    shell.output().unwrap()
}

/// What arrives when a line is imported, and the journey that becomes of it is run; `None` where it takes its secrets from
/// the environment, which a test cannot set.
async fn imported(line: &str, world: &World) -> Option<Vec<Got>> {
    let line = line.replace("\"$PASSWORD\"", PASSWORD).replace("\"$TOKEN\"", server::TOKEN);
    let imported = imports::Format::Curl.import(&line, "again").unwrap();
    if !imported.secrets.is_empty() {
        return None;
    }
    let file = world.folder.path().join("again.yaml");
    fs::write(&file, &imported.yaml).unwrap();
    let known = Known { vars: &world.context.vars, secrets: &Secrets::default() };
    let journey = Journey::load(&file, known).unwrap_or_else(|rejected| unreachable!("{rejected}"));
    let run = journey.run(&world.context).await;
    assert_eq!((run.detail.as_str(), &run.outcome), ("", &Outcome::Passed), "{}", imported.yaml);
    Some(world.got())
}

/// Runs the journey, reads each line back and types it, and compares what arrives.
async fn the_same_arrives(journey: &str, authority: Option<&str>) {
    let world = world().await;
    let lines = world.lines(journey, authority).await;
    let first = world.got();
    assert_eq!(first.len(), lines.len(), "{first:#?}\n{lines:#?}");
    for (line, first) in lines.iter().zip(&first) {
        if let Some(again) = imported(line, &world).await {
            assert_eq!(again, std::slice::from_ref(first), "{line}");
        }
    }
    if foreign::command("curl").is_none() || foreign::command("bash").is_none() {
        return;
    }
    for line in &lines {
        let folder = world.folder.path().to_owned();
        let (typed_line, silent) = (line.clone(), line.replacen("curl ", "curl -sS ", 1));
        let said = tokio::task::spawn_blocking(move || typed(&silent, &folder)).await.unwrap();
        assert!(said.status.success(), "{typed_line}\n{}", String::from_utf8_lossy(&said.stderr));
    }
    for (index, (ours, theirs)) in first.iter().zip(world.got()).enumerate() {
        assert_eq!(*ours, theirs, "{}", lines[index]);
    }
}

#[tokio::test]
async fn headers_cookies_and_credentials_are_those_of_the_run() {
    let journey = r#"
journey: j
secrets: { password: { file: password } }
vars: { pair: "{{ ('ann:' ~ secret.password)|base64 }}" }
steps:
  - name: be given cookies
    http: GET http://{{ host }}/cookies
    save: { token: secret json $.token }
  - name: show them
    http: GET http://{{ host }}/one?filter[a]={b}&c=it's#part
    headers: { authorization: "Bearer {{ token }}", accept: text/html, x-quoted: "O'Neil \"x\" $HOME `ls`" }
  - name: beside one's own
    http: GET http://{{ host }}/two
    cookies: { theme: light, own: "{{ secret.password }}" }
  - name: with credentials
    http: GET http://{{ host }}/three
    credentials: { username: ann, password: "{{ secret.password }}" }
  - name: with a header that is the same
    http: GET http://{{ host }}/four
    headers: { authorization: "Basic {{ pair }}" }
  - name: in the URL
    http: GET http://ann:p%3Aw%40@{{ host }}/five
  - name: under another name
    http: OPTIONS http://{{ host }}/six
    headers: { host: other.example, x-empty: "", accept-encoding: gzip, user-agent: acme/7 }
  - { name: only the head, http: "HEAD http://{{ host }}/seven" }
"#;
    the_same_arrives(journey, None).await;
}

#[tokio::test]
async fn bodies_are_those_of_the_run() {
    let journey = r#"
journey: j
secrets: { password: { file: password } }
steps:
  - name: json
    http: POST http://{{ host }}/json
    json: { name: "O'Neil \\ \"x\"\n\t$HOME", password: "{{ secret.password }}", city: "東京" }
  - name: form
    http: POST http://{{ host }}/form
    form: { a: "b c&d", e: "@f" }
  - { name: text, http: "PUT http://{{ host }}/text", text: "@no file\nsecond 'line'\e[2J\r\n" }
  - { name: with a get, http: "GET http://{{ host }}/search", json: { query: all } }
  - { name: file, http: "PUT http://{{ host }}/file", file: 'photo "1".png', headers: { content-type: image/png } }
  - { name: long file, http: "POST http://{{ host }}/long", file: long.bin }
  - name: in pieces
    http: POST http://{{ host }}/pieces
    multipart:
      who: "@ann;type=text/html"
      'a "quoted" name': '"b"'
      password: "{{ secret.password }}"
      photo: { file: 'photo "1".png', type: image/png }
      any: { file: long.bin }
  - { name: pieces with an unusual name, http: "POST http://{{ host }}/unusual", multipart: { a=b: c } }
  - { name: nothing, http: "POST http://{{ host }}/nothing" }
  - { name: nothing to delete, http: "DELETE http://{{ host }}/nothing" }
"#;
    the_same_arrives(journey, None).await;
}

#[tokio::test]
async fn each_redirect_is_a_request_of_its_own() {
    let journey = r#"
journey: j
steps:
  - { name: be given cookies, http: "GET http://{{ host }}/cookies" }
  - name: sign in
    http: POST http://{{ host }}/sign-in
    form: { user: ann }
    cookies: { own: "1" }
    redirects: 3
    expect: [redirects == 1, url contains /home]
  - name: moved
    http: PUT http://{{ host }}/moved
    json: { a: 1 }
    redirects: 1
"#;
    the_same_arrives(journey, None).await;
}

#[tokio::test]
async fn versions_and_certificates_are_those_of_the_step() {
    let journey = r#"
journey: j
steps:
  - { name: one, http: "GET http://{{ host }}/one", version: 1.1 }
  - { name: two, http: "POST http://{{ host }}/two", version: 2, json: { a: 1 } }
  - name: as myself
    http: GET https://{{ secure }}/me
    ca: ca.pem
    certificate: { cert: me:1.pem, key: me.key }
  - name: as myself over HTTP/1.1
    http: GET https://{{ secure }}/me-again
    ca: ca.pem
    certificate: { cert: me:1.pem, key: me.key }
    version: 1.1
"#;
    the_same_arrives(journey, None).await;
    let journey = r#"
journey: j
steps:
  - name: as all steps trust
    http: GET https://{{ secure }}/me
    certificate: { cert: me:1.pem, key: me.key }
    version: 2
"#;
    the_same_arrives(journey, Some("ca.pem")).await;
}

//! A world for a test, and clients for it.

use std::{net::SocketAddr, time::Duration};

use hickory_proto::{
    op::{Message, Query},
    rr::{RData, RecordType},
};
use rehearsal::{Plan, Side, World};
use reqwest::{Certificate, Client, Method, Response, redirect::Policy};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{net::UdpSocket, time::timeout};

/// Longer than anything here takes, for what is waited for.
pub(crate) const SOON: Duration = Duration::from_secs(10);

/// A world, and the directory that goes with it.
pub(crate) struct Scene {
    pub(crate) world: World,
    _directory: TempDir,
}

/// A plan that replicates at once and has a TTL of a second.
pub(crate) fn plan(directory: &TempDir) -> Plan {
    Plan {
        ttl: Duration::from_secs(1),
        replication_lag: Duration::ZERO,
        directory: directory.path().to_owned(),
        ..Plan::default()
    }
}

impl Scene {
    pub(crate) async fn start() -> Self {
        Self::with(|plan| plan).await
    }

    pub(crate) async fn with(adjust: impl FnOnce(Plan) -> Plan) -> Self {
        let directory = TempDir::new().unwrap();
        let world = World::start(adjust(plan(&directory))).await.unwrap();
        Self { world, _directory: directory }
    }

    pub(crate) fn inject(&self, fault: &str) {
        self.world.inject(fault.parse().unwrap());
    }

    /// A client that goes to one side and checks certificates as always.
    pub(crate) fn api(&self, side: Side) -> Api {
        Api::new(&self.world, side)
    }

    /// Where a side's broker is.
    pub(crate) fn mqtt(&self, side: Side) -> SocketAddr {
        let places = self.world.places();
        (places.address(side), places.mqtt).into()
    }
}

/// A client of one side.
pub(crate) struct Api {
    client: Client,
    port: u16,
    pub(crate) token: Option<String>,
}

impl Api {
    fn new(world: &World, side: Side) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default(); // another test was first
        let places = world.places();
        let authority = Certificate::from_pem(&std::fs::read(&places.ca).unwrap()).unwrap();
        let address = (places.address(side), places.https).into();
        let client = Client::builder()
            .tls_certs_only([authority])
            .resolve(&places.names.api, address)
            .resolve(&places.names.console, address)
            .cookie_store(true)
            .redirect(Policy::none())
            .build()
            .unwrap();
        Self { client, port: places.https, token: None }
    }

    pub(crate) async fn try_send(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> reqwest::Result<Response> {
        let mut request =
            self.client.request(method, format!("https://api.acme.example:{}{path}", self.port));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        request.send().await
    }

    /// Sends a request; gives status and body, having checked that both markers say `side`.
    pub(crate) async fn send(
        &self,
        side: Side,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> (u16, Value) {
        let response = self.try_send(method, path, body).await.unwrap();
        assert_eq!(response.headers()["x-served-by"], side.as_str());
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        if text.is_empty() {
            return (status, Value::Null);
        }
        let body: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(body["served_by"], side.as_str(), "{body}");
        (status, body)
    }

    pub(crate) async fn get(&self, side: Side, path: &str) -> (u16, Value) {
        self.send(side, Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, side: Side, path: &str, body: Value) -> (u16, Value) {
        self.send(side, Method::POST, path, Some(body)).await
    }

    /// Signs up and in; keeps the token and gives the user's id.
    pub(crate) async fn sign_up_and_in(&mut self, side: Side, email: &str) -> String {
        let user = json!({ "email": email, "password": "correct horse" });
        assert_eq!(self.post(side, "/users", user.clone()).await.0, 201);
        let (status, session) = self.post(side, "/sessions", user).await;
        assert_eq!(status, 200);
        self.token = session["token"].as_str().map(ToOwned::to_owned);
        session["user"]["id"].as_str().unwrap().to_owned()
    }

    /// A page of the console.
    pub(crate) fn console(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("https://console.acme.example:{}{path}", self.port))
    }
}

/// Asks a DNS server over UDP.
pub(crate) async fn ask(server: SocketAddr, name: &str, kind: RecordType) -> Message {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let query = query(name, kind);
    socket.send_to(&query.to_vec().unwrap(), server).await.unwrap();
    let mut buffer = [0; 1500];
    let length = timeout(SOON, socket.recv(&mut buffer)).await.unwrap().unwrap();
    let answer = Message::from_vec(&buffer[..length]).unwrap();
    assert_eq!(answer.metadata.id, query.metadata.id);
    answer
}

pub(crate) fn query(name: &str, kind: RecordType) -> Message {
    let mut query = Message::query();
    query.metadata.recursion_desired = true;
    query.add_query(Query::query(name.parse().unwrap(), kind));
    query
}

/// The address in an answer, as text; the code if there is none.
pub(crate) fn address(answer: &Message) -> String {
    match answer.answers.first().map(|record| &record.data) {
        Some(RData::A(address)) => address.to_string(),
        _ => format!("{:?}", answer.metadata.response_code),
    }
}

/// Tries until it succeeds, for what happens soon but not at once.
pub(crate) async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let tries = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    assert!(timeout(SOON, tries).await.is_ok(), "never happened: {what}");
}

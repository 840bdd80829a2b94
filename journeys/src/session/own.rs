//! The session of one run: made fresh, and gone with it.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use cutover::{Parts, Reached, Route};
use http::header::USER_AGENT;
use http::{HeaderMap, HeaderValue};
use probes::browser::{Page, Visitor};
use probes::dns::{Server, Transport};
use probes::{HttpRequest, HttpSession, MqttTarget, ProbeError, Resolver, Timeouts, Trust};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::dial::{Opening, dial};
use super::noted::Noted;
use super::tended::{MOST_EACH, Tended};
use super::{Address, Channel, Link, TcpPlace, WebSocketPlace, Wire};
use crate::action::{Certificates, Trouble};
use crate::marker::Markers;
use crate::run::{Asked, RunContext, Sent};
use crate::vars::Vars;

/// The session of one run. Connections are opened when a step first needs them, per route.
pub(crate) struct Session<'w> {
    world: &'w RunContext,
    id: Uuid,
    http: [Option<HttpSession>; 3],
    /// Those to one address each of a host.
    each: Vec<(Route, String, IpAddr, HttpSession)>,
    /// What steps believe that have certificates of their own: one trust for all that have the same.
    trusts: Vec<(Certificates, Trust)>,
    pages: [Option<Page>; 3],
    links: Tended<Address, Link>,
    channels: Tended<WebSocketPlace, Channel>,
    wires: Vec<Wire>,
    /// The DNS servers that steps have named.
    resolvers: Vec<(Route, Server, Resolver)>,
    opened: usize,
    /// Brokers that were waited for in vain to say whose they are: not again in this run.
    unmarked: Vec<(Route, MqttTarget)>,
    aside: Duration,
    /// The request that is under way, or was made last.
    noted: Option<Noted>,
}

/// How long the retained message that marks a side may take: it follows the subscription at once, or never.
pub(crate) const MARKER_WAIT: Duration = Duration::from_secs(1);

/// How long a new page in the place of one that was given up, and a look at it, may take: nothing of it is the page's.
pub(crate) const PAGE_WAIT: Duration = Duration::from_secs(20);

/// What one action is called with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call<'c> {
    pub(crate) vars: &'c Vars,
    pub(crate) route: Route,
    pub(crate) timeouts: Timeouts,
    /// How long all of it may take, if the step says so.
    pub(crate) limit: Option<Duration>,
    /// The host's address to which it goes; `None`: whichever the route says.
    pub(crate) at: Option<(&'c str, IpAddr)>,
}

impl<'w> Session<'w> {
    pub(crate) const fn new(world: &'w RunContext, id: Uuid) -> Self {
        Self {
            world,
            id,
            http: [const { None }; 3],
            each: Vec::new(),
            trusts: Vec::new(),
            pages: [const { None }; 3],
            links: Tended::new(),
            channels: Tended::new(),
            wires: Vec::new(),
            resolvers: Vec::new(),
            opened: 0,
            unmarked: Vec::new(),
            aside: Duration::ZERO,
            noted: None,
        }
    }

    /// The marks by which the sides are told apart.
    pub(crate) fn markers(&self) -> &'w Markers {
        &self.world.markers
    }

    /// The HTTP client for this call: one for each route, and beside it one for each address that is named.
    pub(crate) fn http(&mut self, call: &Call<'_>) -> Result<&mut HttpSession, ProbeError> {
        let Some((host, address)) = call.at else { return self.on(call.route) };
        let meant = |(route, name, at, _): &(Route, String, IpAddr, HttpSession)| {
            *route == call.route && name == host && *at == address
        };
        let index = match self.each.iter().position(meant) {
            Some(index) => index,
            None => {
                let session = self.on(call.route)?.at(host, address);
                push(&mut self.each, (call.route, host.to_owned(), address, session))
            }
        };
        Ok(&mut self.each[index].3)
    }

    fn on(&mut self, route: Route) -> Result<&mut HttpSession, ProbeError> {
        let world = self.world;
        match &mut self.http[place(route)] {
            Some(session) => Ok(session),
            empty => {
                let aim = world.aims.get(route).clone();
                Ok(empty.insert(HttpSession::new(aim, &world.trust, world.timeouts, &world.user_agent)?))
            }
        }
    }

    /// What a step believes that has certificates of its own. Steps that have the same share their connections too.
    pub(crate) fn trust(&mut self, own: &Certificates) -> Result<Trust, Trouble> {
        if let Some((_, trust)) = self.trusts.iter().find(|(known, _)| known == own) {
            return Ok(trust.clone());
        }
        let trust = own.upon(&self.world.trust).map_err(|error| Trouble::script(error.to_string()))?;
        self.trusts.push((own.clone(), trust.clone()));
        Ok(trust)
    }

    /// The page on this route. The first step that needs it opens it: what it says of hosts counts until the run's end.
    pub(crate) async fn page(&mut self, route: Route, hosts: &[String]) -> Result<&mut Page, ProbeError> {
        let page = match self.pages[place(route)].take() {
            Some(page) => page,
            None => {
                let begun = Instant::now();
                let opened = self.open(route, hosts).await;
                self.aside += begun.elapsed();
                opened?
            }
        };
        Ok(self.pages[place(route)].insert(page))
    }

    async fn open(&self, route: Route, hosts: &[String]) -> Result<Page, ProbeError> {
        let world = self.world;
        let mut headers = HeaderMap::new();
        self.identify(&mut headers);
        let text = |value: &HeaderValue| value.to_str().unwrap_or_default().to_owned();
        let headers: Vec<_> =
            headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
        let visitor = Visitor {
            aim: world.aims.get(route),
            trust: &world.trust,
            headers: &headers,
            agent: &world.user_agent,
            hosts,
        };
        world.browsers.open(visitor).await
    }

    /// The page on this route, if there is one.
    pub(crate) const fn opened(&mut self, route: Route) -> Option<&mut Page> {
        self.pages[place(route)].as_mut()
    }

    /// What was done beside the run is not of its time.
    pub(crate) fn beside(&mut self, took: Duration) {
        self.aside += took;
    }

    /// Who we are, on every request: the run, and a trace of its own for it (W3C Trace Context, section 3.2).
    pub(crate) fn identify(&self, headers: &mut HeaderMap) {
        let id = self.id.simple();
        let span = rand::random::<u64>() | 1;
        for (name, value) in
            [("x-serin-run", id.to_string()), ("traceparent", format!("00-{id}-{span:016x}-01"))]
        {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.entry(name).or_insert(value);
            }
        }
    }

    /// The MQTT session with this broker on this route; opened when there is none, or the last one broke.
    pub(crate) async fn mqtt(&mut self, address: Address, call: &Call<'_>) -> Result<&mut Link, Trouble> {
        if let Some(link) = self.links.take(&address).await {
            return Ok(self.links.put(address, link));
        }
        // At most 23 letters and digits, which every broker must accept (MQTT 3.1.1 section 3.1.3.1); the last tells
        // this run's sessions apart, for a broker ends a session whose id comes again.
        let hex = self.id.simple().to_string();
        let client_id = format!("serin{}{}", hex.get(..16).unwrap_or(&hex), self.opened);
        self.opened += 1;
        let broker = (address.route, address.target.clone());
        let in_vain = self.unmarked.contains(&broker);
        let wait = if in_vain { Duration::ZERO } else { MARKER_WAIT };
        let link = Link::open(self.world, &address, client_id, call.timeouts, wait).await?;
        self.aside += link.asked();
        if link.is_unmarked() && !in_vain {
            self.unmarked.push(broker);
        }
        Ok(self.links.put(address, link))
    }

    /// Keeps a request, where such are kept; `of`: what its body was made of, where that does not tell itself.
    pub(crate) fn note(
        &mut self,
        request: &mut HttpRequest,
        of: Option<Sent<String>>,
        certificates: Option<&Certificates>,
    ) {
        self.noted = self.world.keep_requests.then(|| Noted::of(request, of, certificates));
    }

    /// What went out for the request that was kept, once.
    pub(crate) fn noted(&mut self) -> Vec<Asked<String>> {
        self.noted.take().map_or_else(Vec::new, |noted| noted.asked(self.id))
    }

    /// The TCP connection with this server; opened when there is none, or the last one broke or was closed.
    pub(crate) async fn tcp(&mut self, place: TcpPlace, call: &Call<'_>) -> Result<&mut Wire, Trouble> {
        self.wires.retain(|wire| !wire.is_broken());
        let index = match self.wires.iter().position(|wire| wire.place == place) {
            Some(index) => index,
            None => {
                let wire = Box::pin(Wire::open(self.world, place, &call.timeouts)).await?;
                push(&mut self.wires, wire)
            }
        };
        Ok(&mut self.wires[index])
    }

    /// The WebSocket at this place; opened when there is none, or the last one broke.
    pub(crate) async fn websocket(
        &mut self,
        place: WebSocketPlace,
        call: &Call<'_>,
    ) -> Result<&mut Channel, Trouble> {
        if let Some(channel) = self.channels.take(&place).await {
            return Ok(self.channels.put(place, channel));
        }
        let mut identity = HeaderMap::new();
        self.identify(&mut identity);
        if let Ok(agent) = HeaderValue::try_from(&*self.world.user_agent) {
            identity.insert(USER_AGENT, agent);
        }
        let channel = Box::pin(Channel::open(self.world, &place, identity, &call.timeouts)).await?;
        Ok(self.channels.put(place, channel))
    }

    /// The DNS server of this name, and what it took to find it.
    pub(crate) async fn resolver(
        &mut self,
        server: Server,
        call: &Call<'_>,
    ) -> Result<(Resolver, Parts), Trouble> {
        let known = self.resolvers.iter().find(|(route, known, _)| (*route, known) == (call.route, &server));
        if let Some((_, _, resolver)) = known {
            return Ok((resolver.clone(), Parts::default()));
        }
        let (aim, name) = (self.world.aims.get(call.route), server.to_string());
        let limit = self.world.timeouts.resolve;
        let (name, transport) = (name.as_str(), server.transport);
        let open = |at| -> Opening<'_, _> {
            Box::pin(async move {
                let resolver = match transport {
                    Transport::Udp => Resolver::connect_small(name, at, limit).await?,
                    Transport::Tcp => Resolver::over_tcp(name, at, limit),
                };
                Ok((resolver, Parts::default()))
            })
        };
        let (resolver, parts) = dial(aim, &server.host, server.port, &call.timeouts, open).await?;
        push(&mut self.resolvers, (call.route, server, resolver.clone()));
        Ok((resolver, parts))
    }

    /// The resolver that the live route follows.
    pub(crate) fn live_resolver(&self) -> Result<Resolver, Trouble> {
        self.world.aims.live.resolver().cloned().ok_or_else(Trouble::no_resolver)
    }

    /// The side whose addresses hold this one.
    pub(crate) fn side_of(&self, address: SocketAddr) -> Reached {
        self.world.aims.live.side_of(address)
    }

    /// A step is over, or was cut short: what it used is looked after until another one uses it.
    pub(crate) fn rest(&mut self) {
        self.links.rest();
        self.channels.rest();
    }

    /// Lets time pass that is no part of what the run does.
    pub(crate) async fn pause(&mut self, time: Duration) {
        let begun = Instant::now();
        sleep(time).await;
        self.aside += begun.elapsed();
    }

    /// How long the run did nothing that is the target's affair: pauses, browsers that
    /// start, and our own question to brokers, whose they are.
    pub(crate) const fn aside(&self) -> Duration {
        self.aside
    }

    /// Says farewell where there is somebody to say it to.
    pub(crate) async fn close(self) {
        self.links.close().await;
        for page in self.pages.into_iter().flatten() {
            page.close().await;
        }
        self.channels.close().await;
        for wire in self.wires {
            wire.close().await;
        }
    }
}

/// Keeps what was opened, and says where. A name whose addresses change all the time leaves no crowd behind.
fn push<T>(opened: &mut Vec<T>, one: T) -> usize {
    if opened.len() >= MOST_EACH {
        opened.remove(0);
    }
    opened.push(one);
    opened.len() - 1
}

/// Where a route's things are kept.
const fn place(route: Route) -> usize {
    match route {
        Route::Old => 0,
        Route::New => 1,
        Route::Live => 2,
    }
}

//! One side's servers.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{mpsc, watch};
use tokio_rustls::TlsAcceptor;

use super::{Operator, stage::SideStage};
use crate::{
    api,
    app::{Application, Outflow, Passwords},
    broker::{Broker, Inbound},
    gate::Manner,
    service::Service,
    side::Side,
};

/// How many datapoints a broker may be ahead of its application; then their publishers wait.
const INBOUND: usize = 1024;

/// One side's servers, with nothing listening yet.
pub(super) struct Servers {
    pub(super) app: Arc<Application>,
    pub(super) https: Service,
    pub(super) mqtt: Service,
    /// What has been published on the broker, for [`take_in`].
    pub(super) inbound: mpsc::Receiver<Inbound>,
    broker: Broker,
}

impl Servers {
    /// A side's application, with its API and its broker in front of it.
    pub(super) fn new(
        side: Side,
        tls: TlsAcceptor,
        passwords: Passwords,
        operator: &Operator,
        outflow: Option<Outflow>,
    ) -> Self {
        let operator = (operator.username.clone(), operator.password.clone());
        let app = Application::new(side, passwords, operator, outflow);
        let (published, inbound) = mpsc::channel(INBOUND);
        let accounts = app.clone();
        let broker = Broker::new(move |user, password| accounts.admits(user, password), published);
        broker.publish("served-by", Bytes::from_static(side.as_str().as_bytes()), true);
        let https = Service::Https(tls, api::router(app.clone()));
        Self { app, https, mqtt: Service::Mqtt(broker.clone()), inbound, broker }
    }

    /// What of them is steered while the world runs.
    pub(super) fn on_stage(&self) -> SideStage {
        let manner = watch::Sender::new(Manner::Open);
        SideStage { app: self.app.clone(), broker: self.broker.clone(), manner }
    }
}

/// Gives the application what is published on its broker.
pub(super) async fn take_in(mut inbound: mpsc::Receiver<Inbound>, app: Arc<Application>) {
    while let Some(Inbound { topic, payload, .. }) = inbound.recv().await {
        app.take_in(&topic, &payload);
    }
}

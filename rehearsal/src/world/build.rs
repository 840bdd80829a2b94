//! Making a world: everything is made and bound first, and only then started.

use std::{
    net::Ipv4Addr,
    sync::{Arc, Mutex},
};

use tokio::{net::TcpListener, sync::watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    Names, Operator, Places, Plan, WorldError,
    certificates::Authority,
    control,
    handle::Handle,
    servers::{Servers, take_in},
    sockets::Sockets,
    stage::{SideStage, Stage},
    timeline::Marks,
};
use crate::{
    app::{Application, Outflow, Passwords, replicate},
    canaries::Canary,
    dns::{self, Resolver, Zone},
    faults::Active,
    gate::{Gate, Manner},
    mail::MailSink,
    service::Service,
    side::Side,
};

pub(super) fn build(plan: Plan) -> Result<Handle, WorldError> {
    check_addresses(&plan)?;
    let names = Names::of(&plan.domain);
    let zone = Zone::new(&plan.domain, [&names.api, &names.console, &names.mqtt], plan.ttl, plan.old)
        .map_err(|error| WorldError::Domain { domain: plan.domain.clone(), why: error.to_string() })?;
    let authority = Authority::new(&plan.domain)?;
    let operator = Operator { username: "operator".to_owned(), password: "rehearsal".to_owned() };
    let passwords = Passwords::default();
    let (outflow, inflow) = Outflow::new(plan.replication_lag);
    let old = authority.acceptor(Side::Old)?;
    let old = Servers::new(Side::Old, old, passwords.clone(), &operator, Some(outflow));
    let new = authority.acceptor(Side::New)?;
    let new = Servers::new(Side::New, new, passwords, &operator, None);
    let sockets = Sockets::bind(&plan)?;
    let ca = authority.write(&plan.directory)?;
    let places = sockets.places(&plan, ca, names, operator)?;
    let silent = watch::Sender::new(false);
    let canaries = field(&places, &old.app, &silent);

    // Nothing fails from here on.
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    let zone = Arc::new(zone);
    let office = Arc::new(Resolver::new(zone.clone()));
    let mobile = Arc::new(Resolver::new(zone.clone()));
    dns::serve(zone.clone(), sockets.zone, &tasks, stop.clone());
    dns::serve(office.clone(), sockets.office, &tasks, stop.clone());
    dns::serve(mobile, sockets.mobile, &tasks, stop.clone());
    let stage = Arc::new(Stage {
        old: old.on_stage(),
        new: new.on_stage(),
        zone,
        office,
        replicating: watch::Sender::new(true),
        silent,
        mails: MailSink::start(sockets.smtp, stop.clone()).received(),
        marks: Marks::new(),
        active: Mutex::new(Active::default()),
        places,
    });
    let world = Handle { stage: stage.clone(), tasks, stop };
    world.spawn(replicate(inflow, new.app.clone(), stage.replicating.subscribe()));
    world.spawn(take_in(old.inbound, old.app));
    world.spawn(take_in(new.inbound, new.app));
    canaries.into_iter().for_each(|canary| world.spawn(canary.live()));
    let Places { https, mqtt, .. } = stage.places;
    open(&world, &stage.old, (plan.old, https), sockets.https.0, &old.https, &new.https);
    open(&world, &stage.new, (plan.new, https), sockets.https.1, &new.https, &new.https);
    open(&world, &stage.old, (plan.old, mqtt), sockets.mqtt.0, &old.mqtt, &new.mqtt);
    open(&world, &stage.new, (plan.new, mqtt), sockets.mqtt.1, &new.mqtt, &new.mqtt);
    open_control(&world, sockets.control);
    for fault in plan.faults {
        world.schedule(fault);
    }
    Ok(world)
}

/// The real devices, registered on the old side. The first of them can be silenced.
fn field(places: &Places, app: &Application, silent: &watch::Sender<bool>) -> Vec<Canary> {
    let resolvers = [places.resolvers.office, places.resolvers.mobile];
    let silences = [silent.subscribe(), watch::channel(false).1];
    let each = places.canaries.iter().zip(resolvers).zip(silences);
    // Their ids are fit for it: none is refused.
    let one = |((device, resolver), silent): ((&String, _), _)| {
        let (device, password) = app.register(device).ok()?;
        let broker = (places.names.mqtt.clone(), places.mqtt);
        Some(Canary { device, password, resolver, broker, silent_at: places.new, silent })
    };
    each.filter_map(one).collect()
}

/// Opens a gate of a side.
fn open(
    world: &Handle,
    side: &SideStage,
    address: (Ipv4Addr, u16),
    listener: TcpListener,
    here: &Service,
    there: &Service,
) {
    let gate = Gate { address: address.into(), here: here.clone(), there: there.clone() };
    let manner = side.manner.subscribe();
    world.tasks.spawn(gate.mind(listener, manner, world.tasks.clone(), world.stop.clone()));
}

/// Opens the gate of the control, which no fault ever shuts.
fn open_control(world: &Handle, listener: TcpListener) {
    let service = Service::Http(control::router(world.clone()));
    let gate = Gate { address: world.stage.places.control, here: service.clone(), there: service };
    let (keep, manner) = watch::channel(Manner::Open);
    let minding = gate.mind(listener, manner, world.tasks.clone(), world.stop.clone());
    world.tasks.spawn(async move {
        minding.await;
        drop(keep);
    });
}

fn check_addresses(plan: &Plan) -> Result<(), WorldError> {
    let Plan { old, new, services, .. } = *plan;
    let loopback = [old, new, services].iter().all(Ipv4Addr::is_loopback);
    if loopback && old != new && old != services && new != services {
        return Ok(());
    }
    Err(WorldError::Addresses { old, new, services })
}

//! Beginnings and ends of worlds.

use std::net::{Ipv4Addr, TcpListener, UdpSocket};

use rehearsal::{Plan, Ports, Side, World, WorldError};
use tempfile::TempDir;
use tokio::net::TcpStream;

use crate::support::{Scene, plan};

/// A plan at addresses that no other test uses, so that none takes a port that is free again.
fn apart(directory: &TempDir, third: u8) -> Plan {
    let at = |last| Ipv4Addr::new(127, 0, third, last);
    Plan { old: at(1), new: at(2), services: at(3), ..plan(directory) }
}

#[tokio::test]
async fn a_shut_down_world_leaves_its_ports_free_and_a_new_one_takes_them() {
    let directory = TempDir::new().unwrap();
    let world = World::start(apart(&directory, 71)).await.unwrap();
    let places = world.places().clone();
    // Live connections of every kind must not keep it from ending.
    let mut live = Vec::new();
    for side in Side::BOTH {
        live.push(TcpStream::connect((places.address(side), places.https)).await.unwrap());
        live.push(TcpStream::connect((places.address(side), places.mqtt)).await.unwrap());
    }
    for at in [places.zone, places.resolvers.office, places.smtp, places.control] {
        live.push(TcpStream::connect(at).await.unwrap());
    }
    world.shutdown().await;
    for side in Side::BOTH {
        TcpListener::bind((places.address(side), places.https)).unwrap();
        TcpListener::bind((places.address(side), places.mqtt)).unwrap();
    }
    for at in [places.zone, places.resolvers.office, places.resolvers.mobile] {
        TcpListener::bind(at).unwrap();
        UdpSocket::bind(at).unwrap();
    }
    TcpListener::bind(places.smtp).unwrap();
    TcpListener::bind(places.control).unwrap();

    let ports = Ports {
        https: places.https,
        mqtt: places.mqtt,
        zone: places.zone.port(),
        office: places.resolvers.office.port(),
        mobile: places.resolvers.mobile.port(),
        smtp: places.smtp.port(),
        control: places.control.port(),
    };
    let again = World::start(Plan { ports, ..apart(&directory, 71) }).await.unwrap();
    assert_eq!(again.places().https, places.https);
    again.shutdown().await;
}

#[tokio::test]
async fn a_world_in_which_a_side_is_down_ends_too() {
    let scene = Scene::start().await;
    for fault in ["new-down", "new-hang", "replication-stop", "new-slow"] {
        scene.inject(fault);
    }
    scene.world.shutdown().await;
}

#[tokio::test]
async fn a_taken_port_is_named_and_nothing_is_left_behind() {
    let directory = TempDir::new().unwrap();
    let plan = apart(&directory, 72);
    let taken = TcpListener::bind((plan.services, 0)).unwrap();
    let smtp = taken.local_addr().unwrap().port();
    let https = {
        let free = TcpListener::bind((plan.old, 0)).unwrap();
        free.local_addr().unwrap().port()
    };
    let ports = Ports { https, smtp, ..Ports::default() };
    let error = World::start(Plan { ports, ..plan.clone() }).await.err().unwrap();
    assert!(matches!(error, WorldError::Bind { .. }));
    assert!(
        error.to_string().starts_with(&format!("the mail sink cannot listen on 127.0.72.3:{smtp}: ")),
        "{error}"
    );
    TcpListener::bind((plan.old, https)).unwrap();
    assert!(!directory.path().join("ca.pem").exists());
}

#[tokio::test]
async fn plans_that_make_no_world_are_refused() {
    let directory = TempDir::new().unwrap();
    let refused = async |plan: Plan| World::start(plan).await.err().unwrap().to_string();
    let good = plan(&directory);
    let same = Plan { new: good.old, ..good.clone() };
    assert!(refused(same).await.contains("three different ones of 127.0.0.0/8"));
    let far = Plan { new: Ipv4Addr::new(192, 0, 2, 1), ..good.clone() };
    assert!(refused(far).await.contains("192.0.2.1"));
    let nowhere = Plan { directory: directory.path().join("missing"), ..good.clone() };
    assert!(refused(nowhere).await.contains("ca.pem cannot be written"));
    let odd = Plan { domain: "a..b".to_owned(), ..good };
    assert!(refused(odd).await.contains("`a..b` is not a domain"));
}

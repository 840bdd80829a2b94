//! A side's application: it registers devices, and knows what mosquitto's client has heard of them at the broker.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use serde_json::{Value, json};

use crate::debian::peers::PASSWORD;
use crate::debian::ports::{Ports, Side};
use crate::support::{Process, foreign};

/// Longer than anything that a canary asks.
const LONGEST: u64 = 4096;

/// A running application, which ends with its test.
pub(super) struct Application {
    at: SocketAddr,
    ends: Arc<AtomicBool>,
    serving: Option<JoinHandle<()>>,
}

impl Application {
    /// Listens to a side's broker, and answers on its address.
    pub(super) fn start(side: Side, ports: Ports) -> Self {
        let mut command = foreign("stdbuf");
        command.args(["-oL", "mosquitto_sub", "-d", "-v", "-q", "1", "-i", "application"]);
        command.args(["-h", side.address(), "-p", &ports.mqtt.to_string(), "-u", "operator", "-P", PASSWORD]);
        let mut ear = Process::start(command.args(["-t", "devices/+/datapoints"]));
        ear.says("received SUBACK");
        let ends = Arc::new(AtomicBool::new(false));
        let listener = TcpListener::bind((side.address(), ports.https)).unwrap();
        let (at, ended) = (listener.local_addr().unwrap(), Arc::clone(&ends));
        let serving = thread::spawn(move || {
            for stream in listener.incoming() {
                if ended.load(Ordering::SeqCst) {
                    return;
                }
                // A canary that goes away in the middle of an exchange is no concern of the application's.
                drop(serve(stream.unwrap(), &ear));
            }
        });
        Self { at, ends, serving: Some(serving) }
    }
}

impl Drop for Application {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::SeqCst);
        // It waits for a connection: this is the last one.
        drop(TcpStream::connect(self.at));
        drop(self.serving.take().map(JoinHandle::join));
    }
}

/// One exchange a connection.
fn serve(mut stream: TcpStream, ear: &Process) -> std::io::Result<()> {
    let mut asked = BufReader::new(stream.try_clone()?.take(LONGEST));
    let (mut request, mut length, mut line) = (String::new(), 0, String::new());
    asked.read_line(&mut request)?;
    while asked.read_line(&mut line)? > 2 {
        let header = line.to_ascii_lowercase();
        length =
            header.strip_prefix("content-length: ").map_or(length, |length| length.trim().parse().unwrap());
        line.clear();
    }
    // What is not read would break the connection, and the answer with it.
    asked.read_exact(&mut vec![0; length])?;
    let path = request.split(' ').nth(1).unwrap_or_default();
    let read = path.strip_prefix("/devices/").and_then(|rest| rest.split_once("/datapoints?after="));
    let (status, body) = match read {
        Some((device, after)) => {
            ("200 OK", json!({ "items": datapoints(ear, device, after.parse().unwrap()) }))
        }
        None => ("201 Created", json!({ "username": "device", "password": PASSWORD })),
    };
    let body = body.to_string();
    let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all((head + &body).as_bytes())
}

/// The datapoints of a device that came after a number, as they came.
fn datapoints(ear: &Process, device: &str, after: u64) -> Vec<Value> {
    let (topic, heard) = (format!("devices/{device}/datapoints "), ear.transcript());
    let payloads = heard.lines().filter_map(|line| line.strip_prefix(&topic));
    let all = payloads.map(|payload| serde_json::from_str::<Value>(payload).unwrap());
    all.filter(|datapoint| datapoint["seq"].as_u64().unwrap() > after).collect()
}

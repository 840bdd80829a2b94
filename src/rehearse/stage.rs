//! The stage: a world, and the configuration with which it is watched.

use std::path::Path;

use probes::ProbeError;
use rehearsal::{Places, World};

use super::folder::Folder;
use crate::cli::Rehearse;
use crate::failure::Failure;

/// The journeys that the rehearsal runs: those that ship.
const JOURNEYS: [(&str, &str); 5] = [
    ("account-life-cycle.yaml", include_str!("../../journeys/account-life-cycle.yaml")),
    ("console-browser.yaml", include_str!("../../journeys/console-browser.yaml")),
    ("console-sign-in.yaml", include_str!("../../journeys/console-sign-in.yaml")),
    ("mqtt-datapoint.yaml", include_str!("../../journeys/mqtt-datapoint.yaml")),
    ("write-old-read-new.yaml", include_str!("../../journeys/write-old-read-new.yaml")),
];

/// What the rehearsal leaves, in its folder.
pub(super) const STORE: &str = "serin.db";

/// Starts the world and writes a `serin.yaml` for it, with everything that it names.
pub(super) async fn build(options: &Rehearse) -> Result<(World, Folder), Failure> {
    let folder = Folder::new(options.folder.as_deref())?;
    for (name, content) in JOURNEYS {
        folder.write(&format!("journeys/{name}"), content)?;
    }
    let world = super::start(super::plan(options, folder.path().to_owned())).await?;
    let places = world.places();
    folder.write("operator.password", &places.operator.password)?;
    folder.write("serin.yaml", &configuration(places, options.devices, browser().is_ok()))?;
    Ok((world, folder))
}

/// Whether there is a browser for the journey that needs one.
pub(super) fn browser() -> Result<(), ProbeError> {
    probes::browser::locate(None).map(drop)
}

/// Where everything is, with the ports that were free.
pub(super) fn locate(places: &Places) -> String {
    let Places { old, new, https, mqtt, zone, smtp, .. } = places;
    let (office, mobile) = (places.resolvers.office, places.resolvers.mobile);
    format!(
        "  old side   {old}   https {https}, mqtt {mqtt}\n  new side   {new}   the same ports\n  \
         dns        zone {zone}, resolvers office {office}, mobile {mobile}\n  mail sink  {smtp}"
    )
}

/// The same, and what can be done with a world that stays.
pub(super) fn describe(places: &Places, config: &Path) -> String {
    let (control, places, config) = (places.control, locate(places), config.display());
    format!(
        "the world is up, until Ctrl-C\n{places}\n  control    http://{control}: POST /flip/new, /flip/old, /mark/go, \
         /fault/NAME, /heal; GET /places, /mails\n  watch it   serin run {config}"
    )
}

/// The configuration for a world. Its pairs come often and its margins are wide enough for a healthy cutover to earn
/// its `go` within the rehearsal; both are stated here, and everything else is as it is by default.
fn configuration(places: &Places, devices: u32, browser: bool) -> String {
    let Places { old, new, https, mqtt, zone, smtp, ca, names, operator, canaries: [lobby, van], .. } =
        places;
    let (office, mobile) = (places.resolvers.office, places.resolvers.mobile);
    // Seldom, and not in pairs: a browser takes a hundred times what a request does, and the pairs beside it are to be many.
    let browser = if browser {
        "  - { run: journeys/console-browser.yaml, every: 10s, on: live }\n"
    } else {
        "  # journeys/console-browser.yaml needs Chromium, which is not here\n"
    };
    let ca =
        ca.file_name().map_or_else(|| ca.display().to_string(), |name| name.to_string_lossy().into_owned());
    format!(
        r#"# A rehearsed cutover: the world of `serin rehearse`.
cutover:
  name: rehearsal
  names: [{api}, {console}, {broker}]
  sides:
    old: {{ addresses: {old}, answered-by: ['header x-served-by == "old"', 'mqtt served-by == "old"'] }}
    new: {{ addresses: {new}, answered-by: ['header x-served-by == "new"', 'mqtt served-by == "new"'] }}
resolvers:
  office: udp://{office}
  mobile: udp://{mobile}
  zone: {{ at: udp://{zone}, authoritative: true }}
watch-names-every: 1s
trust: {ca}
vars:
  api: https://{api}:{https}
  console: https://{console}:{https}
  mqtt: mqtt://{broker}:{mqtt}
journeys:
  - {{ run: journeys/account-life-cycle.yaml, every: 125ms, on: [old, new] }}
  - {{ run: journeys/console-sign-in.yaml, every: 125ms, on: [old, new, live] }}
  - {{ run: journeys/mqtt-datapoint.yaml, every: 125ms, on: [old, new] }}
  - {{ run: journeys/write-old-read-new.yaml, every: 500ms, on: live }}
{browser}devices:
  thermostats:
    count: {devices}
    ramp: 100
    register: POST https://{api}:{https}/devices
    broker: mqtt://{broker}:{mqtt}
    datapoint-every: 5s
    verify: {{ share: 5%, read: "GET https://{api}:{https}/devices/{{device}}/datapoints?after={{seq}}", within: 5s }}
    personality: {{ reset-only: 80%, at-ttl: 8%, at-reconnect: 4%, eager: 5%, both: 2%, never: 1% }}
canaries:                  # two real devices, which are not ours
  lobby-thermostat:
    device: {lobby}
    every: 500ms
    grace: 2s
    watch: &devices {{ broker: mqtt://{broker}:{mqtt}, topic: "devices/{{device}}/datapoints", at: json $.at }}
  van-gateway: {{ device: {van}, every: 500ms, grace: 2s, watch: *devices }}
operator: {{ username: {username}, password: {{ file: operator.password }} }}
evidence:
  block: 2s                # short: a rehearsal is over in a minute and a half
  go-margin: 2%            # about 470 pairs without a difference earn it
  go-margin-journey: 5%    # about 215 pairs on each journey
  stale-grace: 5s
alerts:
  receivers:
    room: {{ email: {{ to: [room@acme.example], from: serin@acme.example, smtp: "smtp://{smtp}" }} }}
serve: 127.0.0.1:0
store: {{ file: {STORE}, sample-every: 1s }}
"#,
        api = names.api,
        console = names.console,
        broker = names.mqtt,
        username = operator.username,
    )
}

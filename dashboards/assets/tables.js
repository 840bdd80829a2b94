// The panels below the verdict: each takes the snapshot and draws itself anew.

import { between, clock, el, nothing, number, row, seconds, share, show, svg, table } from "./draw.js";

const FEW = 5;
const STATES = ["old", "new", "both", "other", "connecting", "lost"];

// The real devices that move first: few, each by its name, above the thousands.
export function canaries(state) {
  const rows = state.canaries.map((canary) => {
    const stands = canary.state;
    const tone = stands === "old" || stands === "new" ? `side ${stands}` : { silent: "bad", alive: "" }[stands] ?? "warn";
    const seen = canary.last_seen ? `${between(canary.last_seen, state.now)} ago${canary.last_side ? ` on ${canary.last_side}` : ""}` : "never";
    const deaf = canary.deaf.map((one) => `cannot be heard on ${one.side}: ${one.why}`).join("; ");
    return row(
      canary.canary,
      el("td", { cls: "tight" }, el("span", { cls: tone, text: stands === "silent" ? "▲ silent" : stands })),
      el("td", { cls: stands === "silent" ? "n bad" : "n", text: seen }),
      el("td", { cls: "n", text: `${canary.kept} of ${canary.intervals}`, title: `expected each ${seconds(canary.every)}, and ${seconds(canary.grace)} of grace` }),
      el("td", { cls: "quiet", text: deaf }),
    );
  });
  if (!rows.length) return show("canaries");
  const moved = state.canaries.filter((canary) => canary.state === "new").length;
  const note = el("small", { text: `${moved} of ${rows.length} on the new side` });
  const heads = [["canary"], ["stands"], ["last seen", "n"], ["intervals kept", "n"], [""]];
  return show("canaries", el("h2", {}, "Real canaries ", note), table(heads, rows));
}

export function devices(state) {
  const total = state.fleets.reduce((sum, fleet) => sum + fleet.total, 0);
  const moved = state.fleets.reduce((sum, fleet) => sum + (fleet.states.new ?? 0), 0);
  show("devices-note", total ? `${number(moved)} of ${number(total)} on the new side, ${share(moved / total)}` : "");
  const moves = state.phase_log.filter((change) => change.to === "go" || change.to === "rolled-back");
  show("fleets", ...(state.fleets.length ? state.fleets.map((fleet) => drawn(fleet, moves)) : [nothing("no fleet")]));
}

function drawn(fleet, moves) {
  const count = (name) => fleet.states[name] ?? 0;
  const bar = el("div", { cls: "bar", role: "img", "aria-label": STATES.map((name) => `${name} ${count(name)}`).join(", ") });
  for (const name of STATES.filter((name) => count(name) > 0)) {
    const part = el("span", { cls: name, title: `${name}: ${count(name)}` });
    const wide = count(name) / fleet.total;
    if (wide > 0.1) part.textContent = `${name} ${share(wide)}`;
    part.style.flex = `${count(name)} 1 0`;
    bar.append(part);
  }
  const keys = STATES.map((name) =>
    el("li", { cls: `key ${name}${count(name) ? "" : " zero"}` }, name, el("b", { text: number(count(name)) })));
  const parts = [
    el("h3", {}, el("span", { text: fleet.fleet }), el("small", { text: `${number(fleet.total)} devices` })),
    bar,
    el("ul", { cls: "legend" }, ...keys),
    ...curve(fleet, moves),
    ...named("split", fleet.split),
    ...named("lost", fleet.lost),
    ...stragglers("still old", fleet.still_old),
    ...reset(fleet),
  ];
  parts.push(personalities(fleet));
  return el("div", { cls: "fleet" }, ...parts);
}

const named = (word, names) =>
  names.length ? [el("p", { cls: "who" }, el("span", { cls: "warn", text: `${word}: ` }), names.join(", "))] : [];

// A few stand for all: the API has more of them by name.
const stragglers = (word, { count, names }) =>
  count ? named(`${word} ${number(count)}`, [...names.slice(0, FEW), ...(count > FEW ? [".."] : [])]) : [];

// What became of the last reset: a bar of all who were meant, each where it came back, or not.
function reset({ reset: sums, returned }) {
  if (!sums) return [el("p", { cls: "quiet who", text: "no reset since the start" })];
  const parts = [
    ["new", "back on new", sums.returned_new],
    ["old", "back on old", sums.returned_old],
    ["other", "elsewhere", sums.returned_other],
    ["connecting", "not back", sums.away.count],
    ["lost", "missed it", sums.missed.count],
  ];
  const bar = el("div", { cls: "bar thin", role: "img", "aria-label": parts.map(([, word, count]) => `${word} ${count}`).join(", ") });
  for (const [cls, word, count] of parts.filter(([, , count]) => count > 0)) {
    const part = el("span", { cls, title: `${word}: ${count}` });
    part.style.flex = `${count} 1 0`;
    bar.append(part);
  }
  const keys = parts.map(([cls, word, count]) =>
    el("li", { cls: `key ${cls}${count ? "" : " zero"}` }, word, el("b", { text: number(count) })));
  const meant = sums.meant ? `${number(sums.meant)} meant, ` : "";
  const times = returned.count ? `, p50 ${seconds(returned.p50)}, p99 ${seconds(returned.p99)}` : "";
  const told = `${meant}${number(sums.received)} received it, ${number(sums.obeyed)} obeyed${times}`;
  return [el("div", { cls: "reset" },
    el("p", {}, el("b", { text: `reset ${sums.id} ` }), el("small", { text: told })),
    bar,
    el("ul", { cls: "legend" }, ...keys),
    ...stragglers("not back", sums.away),
    ...stragglers("missed it", sums.missed),
  )];
}

function personalities(fleet) {
  const seen = STATES.filter((name) => Object.values(fleet.by_personality).some((states) => states[name]));
  const rows = Object.entries(fleet.by_personality).map(([personality, states]) =>
    row(personality, ...seen.map((name) => el("td", { cls: "n", text: states[name] ? number(states[name]) : "·" }))));
  if (!rows.length) return "";
  return table([["personality"], ...seen.map((name) => [name, "n"])], rows);
}

// Stacked areas from the bottom: new, then what is between, then old. The yellow rises as the fleet moves.
function curve(fleet, moves) {
  const points = fleet.curve;
  if (points.length < 2) return [];
  const [width, height] = [600, 100];
  const [first, last] = [Date.parse(points[0].at), Date.parse(points.at(-1).at)];
  const x = (time) => ((time - first) / Math.max(1, last - first)) * width;
  const picture = svg("svg", { class: "curve", viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img", "aria-label": "devices per side over time" });
  let below = points.map(() => 0);
  for (const name of ["new", "both", "other", "connecting", "lost", "old"]) {
    const above = points.map((point, i) => below[i] + point[name]);
    const y = (value) => (height - (value / Math.max(1, fleet.total)) * height).toFixed(2);
    const edge = (values) => points.map((point, i) => `${x(Date.parse(point.at)).toFixed(1)},${y(values[i])}`);
    if (points.some((point) => point[name])) {
      picture.append(svg("polygon", { cls: name, points: [...edge(above), ...edge(below).reverse()].join(" ") }));
    }
    below = above;
  }
  for (const move of moves.map((change) => Date.parse(change.at)).filter((time) => time > first && time < last)) {
    picture.append(svg("line", { x1: x(move), x2: x(move), y1: 0, y2: height }));
  }
  const axis = el("div", { cls: "axis" }, el("span", { text: clock(points[0].at) }), el("span", { text: clock(points.at(-1).at) }));
  return [picture, axis];
}

// A line a journey, its routes side by side: what is compared stands together.
export function journeys(state) {
  const lines = new Map();
  for (const view of state.journeys) {
    const name = view.variant ? `${view.journey} [${view.variant}]` : view.journey;
    if (!lines.has(name)) lines.set(name, {});
    lines.get(name)[view.route] = view;
  }
  const routes = ["old", "new", "live"].filter((route) => state.journeys.some((view) => view.route === route));
  const across = (views, cell) => routes.map((route, i) => {
    const made = views[route] ? cell(views[route]) : el("td", { cls: "n", text: "·" });
    if (i === 0) made.classList.add("first");
    return made;
  });
  const rows = [...lines].flatMap(([name, views]) => [row(
    name,
    ...across(views, ({ error_rate_60s: rate }) => el("td", { cls: `n ${rate >= 0.01 ? "bad" : ""}`, text: share(rate) })),
    ...across(views, ({ p50 }) => el("td", { cls: "n", text: seconds(p50) })),
    ...across(views, ({ p99 }) => el("td", { cls: "n", text: seconds(p99) })),
  ), ...lastFailure(Object.values(views), 1 + 3 * routes.length), ...degraded(Object.values(views), 1 + 3 * routes.length)]);
  const sides = routes.map((route, i) => [route, `n side ${route} ${i === 0 ? "first" : ""}`]);
  const group = (text) => [text, "first", routes.length];
  const heads = [
    [["", ""], group("errors"), group("p50"), group("p99")],
    [["journey"], ...sides, ...sides, ...sides],
  ];
  show("journey-table", rows.length ? table(heads, rows) : nothing("no journey"));
}

// In a line of its own below: it may be long, and is the first thing to read once there is one.
function lastFailure(views, columns) {
  const failed = views.filter((view) => view.last_failure);
  if (!failed.length) return [];
  failed.sort((one, other) => Date.parse(other.last_failure.at) - Date.parse(one.last_failure.at));
  const [{ route, last_failure: { at, outcome, detail, trace } }] = failed;
  const words = ` failed last at ${clock(at)}: ${kind(outcome)}${detail ? `, ${detail}` : ""}${trace ? `, trace ${trace}` : ""}`;
  const cell = el("td", { cls: "below quiet", colspan: columns }, el("span", { cls: `side ${route}`, text: route }), words);
  return [row(cell)];
}

// Passed, and over its budget: the sides beside each other, with the last time on each.
function degraded(views, columns) {
  const parts = views.filter((view) => view.last_degraded).flatMap(({ route, degraded, last_degraded: last }) => [
    el("span", { cls: `side ${route}`, text: route }),
    ` degraded in ${number(degraded)} ${degraded === 1 ? "run" : "runs"}, last at ${clock(last.at)}: ${last.step} took ${seconds(last.took)} of ${seconds(last.budget)}, trace ${last.trace} `,
  ]);
  return parts.length ? [row(el("td", { cls: "below quiet", colspan: columns }, ...parts))] : [];
}

function kind(outcome) {
  const failed = outcome.failed;
  return failed ? `${failed.step} (${failed.kind})` : "";
}

export function names(state) {
  let before = "";
  const rows = state.names.map((line) => {
    const name = line.name === before ? "" : line.name;
    before = line.name;
    const known = line.view === "old" || line.view === "new";
    return row(
      name,
      line.authoritative ? `${line.resolver} (authoritative)` : line.resolver,
      el("td", {}, el("span", { cls: known ? `side ${line.view}` : "side warn", text: line.view })),
      el("td", { cls: "n", text: line.ttl === null ? "–" : `${Math.round(line.ttl)} s` }),
      el("td", { cls: "quiet", text: line.addresses.join(", ") }),
      el("td", { cls: "n quiet", text: seconds(line.took) }),
    );
  });
  const heads = [["name"], ["resolver"], ["side"], ["TTL", "n"], ["addresses"], ["took", "n"]];
  show("name-table", rows.length ? table(heads, rows) : nothing("no name is watched"));
}

export function alerts(state) {
  const rows = state.alerts.map((alert) => row(
    el("td", { cls: `tight ${alert.state === "firing" ? "bad" : "good"}`, text: alert.state === "firing" ? "▲ firing" : "✓ resolved" }),
    el("td", { cls: "tight", text: `${clock(alert.since)}, ${between(alert.since, state.now)}` }),
    alert.summary,
  ));
  show("alert-table", rows.length ? table([["alert"], ["since"], ["what"]], rows) : nothing("no alert"));
  const tone = { sent: "good", retry: "warn", rejected: "bad", undelivered: "bad" };
  const sent = state.deliveries.slice(-6).reverse().map((line) => row(
    el("td", { cls: `tight ${tone[line.result] ?? ""}`, text: line.result }),
    el("td", { cls: "tight", text: clock(line.at) }),
    line.channel,
    el("td", { cls: "quiet", text: line.detail }),
  ));
  show("delivery-table", ...(sent.length ? [table([["delivery"], ["at"], ["to"], ["answer"]], sent)] : []));
}

export function log(state) {
  const rows = [...state.phase_log].reverse().map((change) => row(
    el("td", { cls: "tight", text: clock(change.at) }),
    el("td", { cls: "tight", text: `${change.from} → ${change.to}` }),
    change.by,
    change.decision,
    el("td", { cls: "quiet", text: Object.entries(change.figures).map(([name, value]) => `${name} ${number(value)}`).join(", ") }),
  ));
  show("phase-table", rows.length ? table([["at"], ["change"], ["by"], ["verdict"], ["figures"]], rows) : nothing("still in the first phase"));
}

// The last few of those in the snapshot; the report has all.
export function notes(state) {
  const rows = state.notes.slice(-6).reverse().map((note) => row(
    el("td", { cls: "tight", text: clock(note.at) }),
    el("td", { cls: "tight", text: note.by }),
    note.text,
  ));
  show("note-table", ...(rows.length ? [table([["at"], ["by"], ["note"]], rows)] : []));
}

export function health(state) {
  const { health, pairs } = state;
  const aborted = Object.entries(health.aborted).map(([cause, count]) => `${count} ${cause}`).join(", ");
  const facts = [
    `up ${between(state.started, state.now)}`,
    `${number(pairs.total)} pairs judged, ${number(pairs.forwarded)} runs forwarded`,
    `${number(health.folded)} observations, ${number(health.channel_depth)} waiting, ${number(health.channel_waits)} waits`,
    `${number(health.skipped)} starts skipped, lag p99 ${seconds(health.start_lag_p99)}`,
    `aborted: ${aborted || "none"}`,
  ];
  show("health", ...facts.map((text) => el("span", { text })));
}

// The loop: ask for the picture every second, draw it, and say loudly when it is no longer news.

import { at, between, clock, el, show, span, svg } from "./draw.js";
import { alerts, canaries, devices, health, journeys, log, names, notes } from "./tables.js";

const EVERY = 1000;
const STALE = 10000;
const PATIENCE = 5000;
const WORDS = { go: "GO", hold: "HOLD", rollback: "ROLLBACK" };
const MARKS = { go: "→", hold: "‖", rollback: "↩" };

let last = null; // the last picture, and when it was made, by this machine's steady clock
let trouble = "not connected yet";

function phases(state) {
  const good = ["ready", "set", "go", "settled"];
  const way = state.phase === "rolled-back" ? ["ready", "set", "go", "rolled-back"] : good;
  show("phases", ...way.map((phase) => {
    const here = phase === state.phase;
    const text = here ? `${phase} · ${between(state.phase_since, state.now)}` : phase;
    return el("li", { text, "aria-current": here ? "step" : null });
  }));
}

// A disc with an arrow on, two bars, an octagon with an arrow back: no colour is needed to tell them apart.
function shape(decision) {
  const mark = (d) => svg("path", { class: "mark", d });
  const drawn = {
    go: [svg("circle", { cx: 50, cy: 50, r: 46 }), mark("M26 50H72M54 31L73 50L54 69")],
    hold: [svg("rect", { x: 12, y: 8, width: 28, height: 84, rx: 5 }), svg("rect", { x: 60, y: 8, width: 28, height: 84, rx: 5 })],
    rollback: [svg("polygon", { points: "30,3 70,3 97,30 97,70 70,97 30,97 3,70 3,30" }), mark("M46 24L26 42L46 60M28 42H58A15 15 0 0 1 58 74H40")],
  };
  show("shape", ...(drawn[decision] ?? []));
}

function verdict(state) {
  const { decision, since, reasons, estimate } = state.verdict;
  if (at("verdict").dataset.decision !== decision) {
    at("verdict").dataset.decision = decision;
    shape(decision);
    at("word").textContent = WORDS[decision] ?? decision;
  }
  const wait = estimate ?? null;
  const hope = wait === null ? "" : `, go in about ${span(wait)} if nothing fails`;
  at("standing").textContent = `since ${clock(since)} UTC, for ${between(since, state.now)}${hope}`;
  const shown = reasons.slice(0, 5).map((reason) => el("li", { text: reason.text }));
  if (reasons.length > 5) shown.push(el("li", { text: `and ${reasons.length - 5} more` }));
  show("reasons", ...shown);
}

function draw(state) {
  at("name").textContent = state.name;
  at("clock").textContent = `${clock(state.now)} UTC`;
  for (const part of [phases, verdict, canaries, devices, journeys, names, alerts, log, notes, health]) part(state);
}

function fresh() {
  const age = last === null ? Infinity : performance.now() - last.made;
  const stale = age > STALE;
  document.body.classList.toggle("old-news", stale && last !== null);
  at("stale").hidden = !stale && trouble === null;
  const words = last === null ? "NO DATA" : stale ? `STALE: nothing new for ${span(age / 1000)}` : "CONNECTION TROUBLE";
  const text = trouble === null ? words : `${words} (${trouble})`;
  if (at("stale").textContent !== text) at("stale").textContent = text;
  const decision = last?.state.verdict.decision;
  document.title = stale ? "STALE · serin" : `${MARKS[decision]} ${WORDS[decision]} · ${last.state.name}`;
}

async function ask() {
  const answer = await fetch("api/v1/state", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
  if (!answer.ok) throw new Error(`the canary answers ${answer.status}`);
  const state = await answer.json();
  // Both times are the server's, so that a wrong clock on this machine makes nothing look old or new.
  const age = Date.parse(answer.headers.get("date")) - Date.parse(state.now);
  last = { state, made: performance.now() - Math.max(0, age || 0) };
}

async function turn() {
  trouble = await ask().then(() => null, (error) => {
    if (error.name === "TimeoutError") return "no answer";
    return error instanceof TypeError ? "connection lost" : error.message;
  });
  try {
    if (trouble === null) draw(last.state);
  } catch (error) {
    trouble = `this page cannot draw what it got: ${error.message}`;
  }
  fresh();
  setTimeout(turn, EVERY);
}

turn();
setInterval(fresh, EVERY);

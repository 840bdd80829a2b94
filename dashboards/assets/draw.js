// Small makers of elements. Text only ever enters as text: nothing that a peer wrote can become markup.

const SVG = "http://www.w3.org/2000/svg";

export function el(name, { text, cls, title, ...attributes } = {}, ...children) {
  const made = document.createElement(name);
  return fill(made, { text, cls, title, ...attributes }, children);
}

export function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(made, { text, cls, ...attributes }, children) {
  if (text !== undefined) made.textContent = text;
  if (cls) made.setAttribute("class", cls);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

export const at = (id) => document.getElementById(id);

export function show(id, ...children) {
  at(id).replaceChildren(...children);
}

export const number = (value) => value.toLocaleString("en").replaceAll(",", "\u202f");

export function seconds(value) {
  if (value === null || value === undefined) return "–";
  if (value < 0.0995) return `${(value * 1000).toFixed(1)} ms`;
  if (value < 0.9995) return `${Math.round(value * 1000)} ms`;
  if (value < 99.95) return `${value.toFixed(1)} s`;
  return span(value);
}

// A length of time in its two largest units.
export function span(value) {
  const whole = Math.max(0, Math.round(value));
  const [d, h, m, s] = [Math.floor(whole / 86400), Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60, whole % 60];
  if (d) return `${d} d ${h} h`;
  if (h) return `${h} h ${m} min`;
  if (m) return `${m} min ${s} s`;
  return `${s} s`;
}

export const between = (from, to) => span((Date.parse(to) - Date.parse(from)) / 1000);

export const clock = (time) => new Date(time).toISOString().slice(11, 19);

export function share(value) {
  if (value === null || value === undefined) return "–";
  return `${(value * 100).toFixed(value > 0 && value < 0.1 ? 1 : 0)} %`;
}

// A head is [text, class, columns]; `heads` may be several rows of them.
export function table(heads, rows) {
  const lines = Array.isArray(heads[0][0]) ? heads : [heads];
  const head = lines.map((line) =>
    el("tr", {}, ...line.map(([text, cls, colspan]) => el("th", { text, cls, colspan, scope: colspan ? "colgroup" : "col" }))));
  return el("table", {}, el("thead", {}, ...head), el("tbody", {}, ...rows));
}

export function row(...cells) {
  return el("tr", {}, ...cells.map((cell) => (cell instanceof Element ? cell : el("td", { text: cell }))));
}

export const nothing = (text) => el("p", { cls: "empty", text });

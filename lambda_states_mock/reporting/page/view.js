// The page: what is in view of the lanes, and what a reader does there.

const $ = (id) => document.getElementById(id);
const [scroller, plot, labels, ticks, detail, tip] = ["scroller", "plot", "labels", "ticks", "detail", "tip"].map($);
const BESIDE = 300; // pixels that are drawn beyond the view
const settings = JSON.parse($("settings").textContent);

const view = {
  rows: JSON.parse($("rows").textContent), shown: new Set(KINDS.map(([kind]) => kind)), problemsAlone: false, toScale: false,
  zoom: 1, query: "", model: null, width: 0, current: null, hits: [], texts: new WeakMap(),
};

function element(tag, { text, ...attributes } = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  if (text !== undefined) made.textContent = text;
  made.append(...children);
  return made;
}

// -- words

const started = () => view.model.columns[0]?.time ?? 0;
const clock = (time) => new Date(time).toISOString();
const counted = (count, one) => `${count.toLocaleString("en")} ${one}${count === 1 ? "" : "s"}`;

function titleOf(entry) {
  const note = entry.note ? ` (${entry.note})` : "";
  return `${entry.text}${note}`;
}

function laneTitle(lane) {
  const above = view.model.lanes.slice(0, lane.index).findLast((one) => one.kind === "group");
  const own = lane.title || "invocations";
  return above ? `${above.title}, ${own}` : own;
}

function lengthOf(entry) {
  const after = entry.lane.entries[entry.number + 1];
  const until = entry.until ?? (entry.shape === "bar" && after ? after.time : undefined);
  return until === undefined ? "" : inWords(until - entry.time);
}

/** The lines of what an entry says when it is pointed at. */
function told(entry) {
  const { row } = entry;
  const length = lengthOf(entry);
  const lines = [
    titleOf(entry),
    laneTitle(entry.lane),
    `${clock(entry.time)}, ${inWords(entry.time - started())} after the start${length ? `, for ${length}` : entry.open ? ", to the end" : ""}`,
  ];
  if (row.reason) lines.push(row.reason);
  if (row.error?.message) lines.push(row.error.message);
  if (row.cause && row.cause !== entry.note) lines.push(`cause: ${row.cause}`);
  if (entry.kind === "invocation" && row.type) lines.push(`${row.type}${row.cold ? ", cold start" : ""}`);
  return lines;
}

// -- drawing

function relaid() {
  const selected = view.current && keyOf(view.current);
  view.model = laidOut(view.rows, view.shown, view.problemsAlone);
  view.current = selected ? view.model.entries.find((entry) => keyOf(entry) === selected) || null : null;
  searched();
  remeasured();
  summarised();
}

const keyOf = (entry) => [entry.kind, entry.row.at, entry.row.subject, entry.row.request_id, entry.row.operation, entry.row.machine, entry.row.environment, entry.text].join("|");

function summarised() {
  const { columns, counts, problems } = view.model;
  const total = view.rows.length;
  const span = columns.length ? inWords(columns.at(-1).time - columns[0].time) : "";
  const all = settings.left_out ? `the latest ${counted(total, "event")} of ${(total + settings.left_out).toLocaleString("en")}` : counted(total, "event");
  $("summary").textContent = total ? `${all}${span ? ` over ${span}` : ""}, ${counted(problems, "problem")}` : "nothing has happened yet";
  for (const button of $("kinds").children) {
    const count = counts[button.dataset.kind] || 0;
    button.querySelector("small").textContent = count.toLocaleString("en");
    button.hidden = !count;
  }
}

function remeasured() {
  const room = scroller.clientWidth - labels.offsetWidth;
  view.width = measured(view.model, { zoom: view.zoom, toScale: view.toScale, room });
  const whole = Math.max(view.width, room);
  plot.style.width = `${whole}px`;
  $("body").style.cssText = `width:${whole + labels.offsetWidth}px;height:${view.model.height + 24}px`;
  $("axis").style.width = `${whole + labels.offsetWidth}px`;
  drawn();
}

/** The index of the first of `sorted` that reaches beyond `x`. */
function firstBeyond(sorted, x, end) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (end(sorted[middle]) < x) low = middle + 1; else high = middle;
  }
  return low;
}

function drawn() {
  const [left, right] = [scroller.scrollLeft - BESIDE, scroller.scrollLeft + scroller.clientWidth + BESIDE];
  const [top, bottom] = [scroller.scrollTop - 60, scroller.scrollTop + scroller.clientHeight + 60];
  const lanes = view.model.lanes.filter((lane) => lane.top + lane.height > top && lane.top < bottom);
  labels.replaceChildren(...lanes.map((lane) => {
    const made = element("div", { class: `label ${lane.kind}`, text: lane.title || "", title: lane.title || "" });
    made.style.cssText = `top:${lane.top}px;height:${lane.height}px;${lane.depth ? `padding-left:${22 + 14 * lane.depth}px` : ""}`;
    return made;
  }));
  const parts = stripes(left, right);
  for (const lane of lanes) {
    const ground = element("div", { class: lane.kind === "group" ? "band" : "rule" });
    ground.style.cssText = lane.kind === "group" ? `top:${lane.top}px;height:${lane.height}px;width:100%` : `top:${lane.top + lane.height - 1}px;width:100%`;
    parts.push(ground);
    let edge = -Infinity;
    for (let at = Math.max(firstBeyond(lane.entries, left, (one) => one.left + one.width) - 1, 0); at < lane.entries.length; at++) {
      const entry = lane.entries[at];
      if (entry.left > right) break;
      const reach = entry.left + (entry.shape === "mark" ? 2 : entry.width);
      const counts = entry.problem || entry === view.current || (view.query && entry.hit);
      if (!counts && reach < edge + 1) continue; // nobody could tell it from the one before
      edge = Math.max(edge, reach);
      parts.push(...partsOf(entry));
    }
  }
  if (!view.model.entries.length) parts.push(element("p", { class: "nothing", text: view.rows.length ? "Nothing of what there is is shown: choose more above." : "Nothing has happened yet." }));
  plot.replaceChildren(...parts);
  axis(left, right);
  scroller.setAttribute("aria-activedescendant", view.current ? `entry-${view.current.id}` : "");
}

function stripes(left, right) {
  const made = [];
  let last = -Infinity;
  const { columns } = view.model;
  for (let at = firstBeyond(columns, left, (one) => one.x); at < columns.length && columns[at].x <= right; at++) {
    if (columns[at].x - last < 12) continue;
    last = columns[at].x;
    const stripe = element("div", { class: "stripe" });
    stripe.style.cssText = `left:${last - 2}px;height:${view.model.height}px`;
    made.push(stripe);
  }
  return made;
}

function axis(left, right) {
  const made = [];
  const { columns } = view.model;
  let free = -Infinity;
  let day = "";
  for (let at = Math.max(firstBeyond(columns, left, (one) => one.x) - 1, 0); at < columns.length && columns[at].x <= right; at++) {
    const [one, next] = [columns[at], columns[at + 1]];
    const [date, time] = clock(one.time).split("T");
    const short = time.replace(/\.000Z$|0*Z$/, "");
    const words = day === date ? short : `${date} ${short}`;
    const bare = one.x < free;
    const tick = bare ? element("div", { class: "tick bare" }) : element("div", { class: "tick", text: words, title: `${clock(one.time)}, ${inWords(one.time - started())} after the start` });
    if (!bare) [free, day] = [one.x + words.length * 6.9 + 14, date];
    tick.style.left = `${one.x - 2}px`;
    if (!bare || one.x - (columns[at - 1]?.x ?? -Infinity) > 5) made.push(tick);
    if (next) {
      const length = `+ ${inWords(next.time - one.time)}`;
      if (next.x - one.x > length.length * 7 + 8) {
        const gap = element("div", { class: "gap", text: length });
        gap.style.cssText = `left:${one.x + 2}px;width:${next.x - one.x - 6}px`;
        made.push(gap);
      }
    }
  }
  ticks.replaceChildren(...made);
}

function partsOf(entry) {
  const { lane, tone: shade } = entry;
  const dim = (view.query && !entry.hit) || (view.problemsAlone && !entry.problem) ? " dim" : "";
  const hit = view.query && entry.hit ? " hit" : "";
  const current = entry === view.current ? " current" : "";
  const made = element("div", { class: `entry ${shade}${dim}${hit}${current}`, id: `entry-${entry.id}`, "data-id": entry.id, role: "button", "aria-label": told(entry).join(". ") });
  const parts = [made];
  if (entry.shape === "mark") {
    made.classList.add("mark", ...(entry.flag ? [entry.flag] : []));
    made.style.cssText = `left:${entry.left}px;top:${lane.top + (entry.flag === "message" ? 9 : 8)}px`;
    const after = lane.entries[entry.number + 1];
    const room = Math.min((after ? after.left : entry.left + 420) - entry.left - 24, 420);
    if (room > 26) {
      const caption = element("div", { class: `caption ${shade}${dim}`, text: shade === "bad" || entry.flag ? titleOf(entry) : entry.text });
      caption.style.cssText = `left:${entry.left + 21}px;top:${lane.top + 4}px;max-width:${room}px`;
      parts.push(caption);
    }
  } else {
    made.classList.add("bar", ...(entry.open ? ["open"] : []), ...(entry.shape === "move" ? ["move"] : []), ...(entry.width < 40 ? ["slim"] : []));
    made.style.cssText = `left:${entry.left}px;width:${entry.width}px;top:${lane.top + (entry.shape === "move" ? 6 : 4)}px`;
    if (entry.width > 26) made.append(element("span", { text: entry.note ? `${entry.text} · ${entry.note}` : entry.text }));
  }
  if (entry.retried && entry.retried.lane === lane) {
    const from = entry.retried.left + entry.retried.width;
    const link = element("div", { class: `link${dim}` });
    link.style.cssText = `left:${from}px;width:${Math.max(entry.left - from, 0)}px;top:${lane.top + 15}px`;
    parts.push(link);
  }
  return parts;
}

let isAsked = false;
function drawSoon() {
  if (isAsked) return;
  isAsked = true;
  requestAnimationFrame(() => { isAsked = false; drawn(); });
}

// -- going from entry to entry

function chosen(entry, { opened = !detail.hidden, announced = true } = {}) {
  view.current = entry;
  if (!entry) { drawn(); tip.hidden = true; return; }
  inView(entry);
  drawn();
  if (announced) $("said").textContent = told(entry).join(". ");
  if (opened) open(entry);
  else pointed(entry);
}

function inView(entry) {
  const side = labels.offsetWidth;
  const head = $("axis").offsetHeight;
  const shown = Math.min(entry.width, 120);
  if (entry.left < scroller.scrollLeft + 8 || entry.left + shown > scroller.scrollLeft + scroller.clientWidth - side - 8) {
    scroller.scrollLeft = entry.left - (scroller.clientWidth - side) / 3;
  }
  const { top, height } = entry.lane;
  if (top < scroller.scrollTop) scroller.scrollTop = top - 40;
  else if (top + height > scroller.scrollTop + scroller.clientHeight - head) scroller.scrollTop = top + height - scroller.clientHeight + head + 12;
}

function neighbour(step) {
  const { current, model } = view;
  if (!current) return model.entries[0];
  return current.lane.entries[current.number + step] || current;
}

function beside(step) {
  const { current, model } = view;
  if (!current) return model.entries[0];
  for (let at = current.lane.index + step; model.lanes[at]; at += step) {
    const { entries } = model.lanes[at];
    if (entries.length) return entries.reduce((best, one) => (Math.abs(one.left - current.left) < Math.abs(best.left - current.left) ? one : best));
  }
  return current;
}

/** The next of `found` in time, after the current entry or before it. */
function nextOf(found, step) {
  if (!found.length) return null;
  const ordered = found.toSorted((one, other) => one.time - other.time || one.id - other.id);
  const at = ordered.indexOf(view.current);
  if (at >= 0) return ordered.at((at + step) % ordered.length);
  const time = view.current ? view.current.time : step > 0 ? -Infinity : Infinity;
  return (step > 0 ? ordered.find((one) => one.time >= time) : ordered.findLast((one) => one.time <= time)) || ordered.at(step > 0 ? 0 : -1);
}

const problems = () => view.model.entries.filter((entry) => entry.problem);

// -- search and filters

function searched() {
  const words = view.query.toLowerCase();
  const textOf = (row) => {
    if (!view.texts.has(row)) view.texts.set(row, JSON.stringify(row).toLowerCase());
    return view.texts.get(row);
  };
  for (const entry of view.model.entries) {
    entry.hit = Boolean(words) && (entry.rows.some((row) => textOf(row).includes(words)) || titleOf(entry).toLowerCase().includes(words));
  }
  view.hits = words ? view.model.entries.filter((entry) => entry.hit) : [];
  $("found").textContent = words ? `${view.hits.length.toLocaleString("en")} of ${view.model.entries.length.toLocaleString("en")}` : "";
}

// -- one entry

function pretty(text) {
  if (typeof text !== "string") return JSON.stringify(text, null, 2);
  try {
    const parsed = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null ? JSON.stringify(parsed, null, 2) : text;
  } catch {
    return text;
  }
}

const LONG = [
  ["error", "refusal or error"], ["broken", "how the connection broke"], ["payload", "payload"], ["input", "input"],
  ["result", "result"], ["log", "log"], ["body", "message"], ["params", "parameters"], ["response", "response"],
  ["ids", "ids of the records"], ["attempts", "attempts"],
];
const SAID = new Set(["kind", "at", "until", ...LONG.map(([name]) => name)]);

function open(entry) {
  const { row } = entry;
  const close = element("button", { type: "button", id: "close", text: "Close", title: "Close (Esc)" });
  close.addEventListener("click", closed);
  const facts = element("dl");
  const fact = (name, value) => facts.append(element("dt", { text: name }), element("dd", { text: value }));
  fact("at", clock(entry.time));
  fact("since the start", inWords(entry.time - started()));
  if (lengthOf(entry)) fact("for", lengthOf(entry));
  for (const one of entry.rows) {
    for (const [name, value] of Object.entries(one)) {
      if (SAID.has(name) && !(name === "attempts" && typeof value === "number")) continue;
      if (value === null || value === "" || typeof value === "object" || (one !== row && row[name] !== undefined)) continue;
      fact(name.replaceAll("_", " "), String(value));
    }
  }
  const chip = element("span", { class: `chip ${entry.tone}`, text: KINDS.find(([kind]) => kind === entry.kind)[1] });
  const parts = [element("header", {}, element("h2", { text: titleOf(entry) }), close), chip, facts];
  if (entry.rows.length > 1 && entry.kind === "environment") {
    parts.push(element("h3", { text: "it came here by" }), element("pre", { text: entry.rows.map((one) => `${one.before || "-"} -> ${one.after || "-"}  (${one.cause})`).join("\n") }));
  }
  const details = Object.assign({}, ...entry.rows.toReversed());
  for (const [name, heading] of LONG) {
    const value = details[name];
    if (value === undefined || value === null || value === "" || typeof value === "number") continue;
    if (Array.isArray(value) && !value.length) continue;
    parts.push(element("h3", { text: heading }), element("pre", { class: name === "error" || name === "broken" ? "bad" : "", text: name === "error" && value.message ? `${value.code}: ${value.message}` : pretty(value), tabindex: 0 }));
  }
  const related = view.model.entries.filter((one) => one !== entry && row.request_id && one.row.request_id === row.request_id);
  if (related.length) {
    parts.push(element("h3", { text: "of the same request" }), element("div", { class: "related" }, ...related.map((one) => {
      const button = element("button", { type: "button", text: `${inWords(one.time - started())}  ${titleOf(one)}` });
      button.addEventListener("click", () => chosen(one));
      return button;
    })));
  }
  const was = detail.hidden;
  detail.hidden = false;
  detail.replaceChildren(...parts);
  detail.scrollTop = 0;
  tip.hidden = true;
  if (was) { remeasured(); inView(entry); drawn(); }
}

function closed() {
  detail.hidden = true;
  scroller.focus();
  remeasured();
}

function pointed(entry, at) {
  tip.replaceChildren(...told(entry).map((text) => element("p", { text })));
  tip.hidden = false;
  const box = at || document.getElementById(`entry-${entry.id}`)?.getBoundingClientRect();
  if (!box) { tip.hidden = true; return; }
  const [x, y] = at ? [at.x + 14, at.y + 16] : [Math.max(box.left, labels.offsetWidth), box.bottom + 8];
  const [width, height] = [tip.offsetWidth, tip.offsetHeight];
  tip.style.left = `${Math.max(8, Math.min(x, innerWidth - width - 12))}px`;
  tip.style.top = `${y + height + 8 > innerHeight ? (at ? at.y : box.top) - height - 10 : y}px`;
}

// -- the reader

const entryAt = (target) => {
  const found = target instanceof Element && target.closest(".entry");
  return found ? view.model.entries[Number(found.dataset.id)] : null;
};

function zoomed(factor, whole = false) {
  const room = scroller.clientWidth - labels.offsetWidth;
  const middle = (scroller.scrollLeft + room / 2) / Math.max(view.width, 1);
  if (whole) {
    view.zoom = 1;
    for (let again = 0; again < 4 && !view.toScale; again++) { // labels at the end do not shrink with the rest
      const width = measured(view.model, { zoom: view.zoom, toScale: false, room });
      view.zoom = Math.min(2, Math.max(0.02, (view.zoom * (room - 150)) / Math.max(width - 150, 1)));
    }
  } else {
    const widest = 8e6 / Math.max(view.width / view.zoom, 1);
    view.zoom = Math.min(Math.max(view.zoom * factor, view.toScale ? 1 : 0.02), widest, view.toScale ? Infinity : 8);
  }
  remeasured();
  if (view.current) inView(view.current);
  else scroller.scrollLeft = middle * view.width - room / 2;
  drawn();
}

function toggled(button, pressed = button.getAttribute("aria-pressed") !== "true") {
  button.setAttribute("aria-pressed", String(pressed));
  return pressed;
}

function themed() {
  const isDark = getComputedStyle(document.documentElement).colorScheme === "dark" || (document.documentElement.dataset.theme === "" && matchMedia("(prefers-color-scheme: dark)").matches);
  const next = isDark ? "light" : "dark";
  document.documentElement.dataset.theme = next;
  try { localStorage.setItem("lambda-states-mock theme", next); } catch { /* a page of a file may have none */ }
}

const ACTIONS = {
  problems: () => { view.problemsAlone = toggled($("problems")); relaid(); },
  scale: () => { view.toScale = toggled($("scale")); view.zoom = 1; remeasured(); if (view.current) { inView(view.current); drawn(); } },
  in: () => zoomed(1.5),
  out: () => zoomed(1 / 1.5),
  fit: () => zoomed(1, true),
  theme: themed,
  help: () => { $("keys").showModal(); $("help").setAttribute("aria-expanded", "true"); },
};
$("keys").addEventListener("close", () => $("help").setAttribute("aria-expanded", "false"));
for (const [id, act] of Object.entries(ACTIONS)) $(id).addEventListener("click", act);

for (const [kind, name] of KINDS) {
  const button = element("button", { type: "button", "data-kind": kind, "aria-pressed": "true" }, name, element("small"));
  button.addEventListener("click", () => {
    if (toggled(button)) view.shown.add(kind); else view.shown.delete(kind);
    relaid();
  });
  $("kinds").append(button);
}

$("search").addEventListener("input", (event) => { view.query = event.target.value; searched(); drawn(); });
$("search").addEventListener("keydown", (event) => {
  if (event.key === "Enter") {
    const found = nextOf(view.hits, event.shiftKey ? -1 : 1);
    if (found) chosen(found);
    event.preventDefault();
  } else if (event.key === "Escape") {
    event.target.value = "";
    view.query = "";
    searched();
    scroller.focus();
    drawn();
  }
});

const GO = {
  ArrowLeft: () => neighbour(-1), ArrowRight: () => neighbour(1), ArrowUp: () => beside(-1), ArrowDown: () => beside(1),
  Home: () => view.current?.lane.entries[0] || view.model.entries[0], End: () => view.current?.lane.entries.at(-1) || view.model.entries.at(-1),
};
const KEYS = {
  "/": () => $("search").focus(), e: ACTIONS.problems, s: ACTIONS.scale, t: ACTIONS.theme, "?": ACTIONS.help,
  "+": ACTIONS.in, "=": ACTIONS.in, "-": ACTIONS.out, 0: ACTIONS.fit,
  n: () => chosen(nextOf(problems(), 1)), p: () => chosen(nextOf(problems(), -1)),
};

scroller.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (GO[event.key]) {
    const found = GO[event.key]();
    if (found) chosen(found);
    event.preventDefault();
  } else if ((event.key === "Enter" || event.key === " ") && view.current) {
    open(view.current);
    event.preventDefault();
  }
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, dialog")) return;
  if (event.key === "Escape") {
    if (!detail.hidden) closed(); else tip.hidden = true;
  } else if (KEYS[event.key]) {
    KEYS[event.key]();
    event.preventDefault();
  }
});
plot.addEventListener("click", (event) => { const entry = entryAt(event.target); if (entry) { scroller.focus({ preventScroll: true }); chosen(entry, { opened: true }); } });
plot.addEventListener("pointermove", (event) => { const entry = entryAt(event.target); if (entry && detail.hidden) pointed(entry, event); else tip.hidden = true; });
plot.addEventListener("pointerleave", () => { tip.hidden = true; });
scroller.addEventListener("blur", () => { tip.hidden = true; });
scroller.addEventListener("scroll", drawSoon, { passive: true });
scroller.addEventListener("wheel", (event) => { if (event.ctrlKey) { zoomed(event.deltaY < 0 ? 1.2 : 1 / 1.2); event.preventDefault(); } }, { passive: false });
addEventListener("resize", remeasured);

relaid();
if (view.rows.length) zoomed(1, view.width < (scroller.clientWidth - labels.offsetWidth) * 1.4);

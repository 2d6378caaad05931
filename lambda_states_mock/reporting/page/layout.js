// From rows to lanes: what is drawn where, in columns of instants. Nothing here touches the page.

const TONES = {
  good: ["Active", "Successful", "Succeeded", "SUCCEEDED", "Enabled", "available", "READY", "in-use"],
  busy: ["Pending", "InProgress", "Creating", "Updating", "Enabling", "Disabling", "Deleting", "IN_PROGRESS", "PENDING", "PAUSING", "pending", "Throttled", "Waiting", "Bisected", "PartiallyFailed"],
  bad: ["Failed", "FAILED", "TIMED_OUT", "STOPPED", "RetriesExhausted", "RecordAgeExceeded", "Left", "DeactivatedFailed"],
  run: ["Invoke", "Running", "RUNNING", "STARTED", "Finishing"],
  init: ["Extension init", "Runtime init", "Function init", "Restore", "Snapshot", "Resetting", "Reset"],
};
const TONE_OF = new Map(Object.entries(TONES).flatMap(([tone, states]) => states.map((state) => [state, tone])));
const FINAL = new Set(["SUCCEEDED", "FAILED", "TIMED_OUT", "STOPPED", "CANCELLED"]);
const ENDS_WELL = new Set(["Succeeded", "Running"]);
const KINDS = [
  ["call", "Calls"], ["change", "States"], ["invocation", "Invocations"], ["environment", "Environments"],
  ["batch", "Batches"], ["message", "Messages"], ["fault", "Faults"], ["move", "Clock"],
];
const KIND_OF = { execution: "change", operation: "change" };
const ORDER = ["call", "fault", "State", "LastUpdateStatus", "Status", "machine", "Operation", "batch", "Batch", "invocation", "message", "environment"];
const SLOT = 1;

const tone = (state) => TONE_OF.get(state) || "rest";

/** The milliseconds of an ISO instant, with a fraction where it has microseconds. */
function instant(text) {
  const micro = /\.(\d{3})(\d+)/.exec(text);
  return Date.parse(micro ? text.replace(micro[0], `.${micro[1]}`) : text) + (micro ? Number(`0.${micro[2]}`) : 0);
}

/** A length of milliseconds in words: "2 s", "1 min 15 s", "14 d". */
function inWords(length) {
  let rest = Math.round(length * 1000) / 1000;
  const parts = [];
  for (const [unit, size] of [["d", 86400000], ["h", 3600000], ["min", 60000]]) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count) parts.push(`${count} ${unit}`);
  }
  if (rest || !parts.length) parts.push(parts.length || rest >= 1000 || !rest ? `${+(rest / 1000).toFixed(3)} s` : `${+rest.toFixed(3)} ms`);
  return parts.join(" ");
}

/** The group in which a subject's lanes stand, and what is left of its name. */
function placed(subject) {
  const version = /^([A-Za-z0-9_-]+):(\S+)( \(.*\))?$/.exec(subject);
  if (version) return [version[1] + (version[3] || ""), `version ${version[2]}: `];
  return [subject, ""];
}

function isProblem(row) {
  switch (row.kind) {
    case "call": return Boolean(row.error || row.broken);
    case "invocation": return Boolean(row.error);
    case "batch": return !ENDS_WELL.has(row.outcome);
    case "fault": return true;
    case "message": return Boolean(row.error) || row.type !== "OnSuccess";
    case "change": return tone(row.after) === "bad";
    case "environment": return Boolean(row.code);
    default: return false;
  }
}

/** All that is drawn of `rows`: the lanes with their entries, and the columns. `shown` says which kinds are. */
function laidOut(rows, shown, problemsAlone) {
  const model = { lanes: [], columns: [], entries: [], problems: 0, counts: {} };
  const groups = new Map();
  const columns = new Map();
  const operations = new Map();
  const executions = new Map();
  const lastRun = new Map(); // by request, the entry of the attempt before
  const overAt = new Map(); // by request, when its last attempt is over
  for (const row of rows) {
    const whose = `${row.subject.split(":")[0]} execution ${row.execution}`;
    if (row.kind === "operation") operations.set(`${whose} ${row.name || row.id}`, row);
    if (row.kind === "execution") executions.set(whose, row);
    if (row.kind === "invocation") overAt.set(row.request_id, instant(row.until));
  }

  const column = (time) => {
    let found = columns.get(time);
    if (!found) columns.set(time, (found = { time, slot: 0, slots: 0, last: new Map() }));
    return found;
  };
  const group = (name, rank) => {
    if (!groups.has(name)) groups.set(name, { name, rank, lanes: new Map() });
    return groups.get(name);
  };
  const lane = (of, key, kind, title, depth = 0) => {
    if (!of.lanes.has(key)) of.lanes.set(key, { kind, title, depth, entries: [], number: of.lanes.size });
    return of.lanes.get(key);
  };
  const put = (into, row, fields) => {
    const at = column(fields.time);
    const entry = { row, rows: [row], kind: row.kind, tone: "rest", shape: "bar", text: "", note: "", problem: isProblem(row), ...fields, lane: into };
    if (entry.shape !== "move") {
      const before = at.last.get(into);
      const slot = Math.max(at.slot, before === undefined ? 0 : before + SLOT);
      at.last.set(into, slot);
      at.slot = slot;
      at.slots = Math.max(at.slots, slot + SLOT);
      entry.slot = slot;
    }
    if (entry.until !== undefined) column(entry.until);
    into.entries.push(entry);
    return entry;
  };
  const state = (row) => {
    const time = instant(row.at);
    const inExecution = / execution (\S+)(?: (.*))?$/.exec(row.subject);
    const isOperation = row.machine === "Operation" && inExecution;
    const [name, prefix] = isOperation ? [row.subject.slice(0, row.subject.length - (inExecution[2] || "").length).trim(), ""] : placed(row.subject);
    const owner = group(name, inExecution ? 3 : 2);
    if (row.machine === "Batch") {
      const into = lane(owner, "Batch", "Batch", "what came of them");
      put(into, row, { time, shape: "mark", tone: tone(row.after), text: row.after, note: row.cause, problem: !ENDS_WELL.has(row.after) && row.after !== "FilteredOut" });
      return;
    }
    const details = isOperation ? operations.get(row.subject) : executions.get(row.subject);
    const known = ORDER.includes(row.machine) ? row.machine : "machine";
    const title = isOperation ? inExecution[2] : prefix + row.machine;
    const into = lane(owner, `${row.machine} ${row.subject}`, prefix ? "machine" : known, title, isOperation ? 1 + (details ? details.depth : 0) : 0);
    if (row.after === null) {
      put(into, row, { time, shape: "mark", tone: "rest", text: "gone", note: row.cause });
      return;
    }
    const isFinal = FINAL.has(row.after) && (row.machine === "Operation" || row.machine === "Status");
    const entry = put(into, row, {
      time, shape: isFinal ? "mark" : "bar", tone: tone(row.after), text: row.after, note: row.code || "", lasts: !isFinal,
    });
    if (details) entry.rows.push(details);
  };

  const phase = (row) => {
    const time = instant(row.at);
    const [name, prefix] = placed(row.subject);
    const owner = group(name, 2);
    const key = `environment ${row.environment}`;
    if (!owner.lanes.has(key)) owner.environments = (owner.environments || 0) + 1;
    const into = lane(owner, key, "environment", `${prefix}environment ${owner.environments}`);
    const before = into.entries.at(-1);
    if (before && before.time === time && before.shape === "bar" && before.text !== "Invoke" && !before.row.code) {
      into.entries.pop(); // it took no time: told with what came of it
      const passed = before.rows;
      const entry = { ...before, row, rows: [...passed, row], tone: tone(row.after), text: row.after, problem: isProblem(row) };
      entry.shape = row.after === "Gone" ? "mark" : "bar";
      into.entries.push(entry);
      return;
    }
    put(into, row, { time, shape: row.after === "Gone" || row.after === null ? "mark" : "bar", tone: row.code ? "bad" : tone(row.after), text: row.after || "gone", note: row.code || "", lasts: row.after !== "Gone" });
  };

  const call = (row) => {
    const [name] = row.subject ? placed(row.subject) : ["other calls"];
    const into = lane(group(name, row.subject ? 2 : 4), "call", "call", "API calls");
    const refused = row.error ? row.error.code : row.broken;
    put(into, row, { time: instant(row.at), shape: "mark", tone: refused ? "bad" : "run", text: row.operation, note: refused || "" });
  };

  const run = (row) => {
    const [name] = placed(row.subject);
    const owner = group(name, 2);
    const [time, until] = [instant(row.at), instant(row.until)];
    owner.runs ||= { ends: [], of: new Map() };
    let number = owner.runs.of.get(row.request_id);
    if (number === undefined) {
      number = owner.runs.ends.findIndex((end) => end <= time);
      if (number < 0) number = owner.runs.ends.length;
      owner.runs.of.set(row.request_id, number);
      owner.runs.ends[number] = overAt.get(row.request_id);
    }
    const into = lane(owner, `invocation ${number}`, "invocation", number ? "" : "invocations");
    const words = [row.cold ? "cold" : "", row.attempt > 1 ? `attempt ${row.attempt}` : ""].filter(Boolean).join(", ");
    const entry = put(into, row, { time, until, tone: row.error ? "bad" : "run", text: row.error || inWords(until - time), note: words, retried: lastRun.get(row.request_id) });
    lastRun.set(row.request_id, entry);
  };

  const batch = (row) => {
    const time = instant(row.at);
    const into = lane(group(row.subject, 2), "batch", "batch", "batches");
    const count = row.records === 1 ? "1 record" : `${row.records} records`;
    const words = row.attempts.length > 1 ? `${row.outcome} after ${row.attempts.length} attempts` : row.outcome;
    put(into, row, { time, until: row.until ? instant(row.until) : time, tone: tone(row.outcome), text: count, note: words });
  };

  const draw = {
    call, batch,
    change: state,
    environment: phase,
    invocation: run,
    fault: (row) => {
      const into = lane(group(row.subject ? placed(row.subject)[0] : "other calls", row.subject ? 2 : 4), "fault", "fault", "faults");
      put(into, row, { time: instant(row.at), shape: "mark", tone: "bad", text: row.fault, flag: "flag" });
    },
    message: (row) => {
      const into = lane(group(placed(row.subject)[0], 2), "message", "message", "messages");
      put(into, row, { time: instant(row.at), shape: "mark", tone: isProblem(row) ? "bad" : "good", text: `${row.type} to ${row.target.split(":").at(-1)}`, note: row.condition, flag: "message" });
    },
    move: (row) => {
      const into = lane(group("", 0), "move", "move", "what moved the clock");
      put(into, row, { time: instant(row.at), until: instant(row.until), shape: "move", tone: "rest", text: row.by, note: row.line || "" });
    },
  };
  for (const row of rows) {
    const kind = KIND_OF[row.kind] || row.kind;
    model.counts[kind] = (model.counts[kind] || 0) + (KIND_OF[row.kind] ? 0 : 1);
    if (isProblem(row)) model.problems += 1;
    if (draw[row.kind] && shown.has(kind)) draw[row.kind](row);
  }

  const kept = (one) => !problemsAlone || one.entries.some((entry) => entry.problem);
  for (const owner of [...groups.values()].sort((one, other) => one.rank - other.rank)) {
    const place = (one) => ORDER.indexOf(one.kind);
    const lanes = [...owner.lanes.values()].filter(kept).sort((a, b) => place(a) - place(b) || a.number - b.number);
    if (!lanes.length) continue;
    if (owner.name) model.lanes.push({ kind: "group", title: owner.name, entries: [], height: 34 });
    for (const one of lanes) model.lanes.push(Object.assign(one, { height: 30 }));
  }
  const used = new Set(model.lanes.flatMap((one) => one.entries.flatMap((entry) => [entry.time, entry.until])));
  model.columns = [...columns.values()].filter((one) => used.has(one.time)).sort((one, other) => one.time - other.time);
  model.columns.forEach((one, index) => { one.index = index; one.slots = Math.max(one.slots, SLOT); });
  let top = 0;
  model.lanes.forEach((one, index) => {
    one.index = index;
    one.top = top;
    top += one.height;
    one.entries.forEach((entry, number) => {
      entry.number = number;
      entry.column = columns.get(entry.time);
      if (entry.until !== undefined) entry.end = columns.get(entry.until);
      model.entries.push(entry);
    });
  });
  model.height = top;
  model.entries.forEach((entry, id) => { entry.id = id; });
  return model;
}

/** Gives each column its x, and each entry its left and width. Returns the width of all. */
function measured(model, { zoom, toScale, room }) {
  const columns = model.columns;
  const slot = toScale ? 0 : 24 * zoom;
  if (!columns.length) return 0;
  const [first, last] = [columns[0].time, columns.at(-1).time];
  const perMillisecond = (Math.max(room - 150, 200) * zoom) / Math.max(last - first, 1);
  let x = 12;
  columns.forEach((one, index) => {
    if (toScale) {
      one.x = 12 + (one.time - first) * perMillisecond;
    } else {
      if (index) {
        const before = columns[index - 1];
        x = before.x + before.slots * slot + (34 + 20 * Math.log10(1 + (one.time - before.time) / 1000)) * zoom;
      }
      one.x = x;
    }
  });
  const end = columns.at(-1).x + Math.max(columns.at(-1).slots * slot + 60, 130);
  for (const lane of model.lanes) {
    const left = (entry) => entry.column.x + (entry.slot || 0) * slot;
    lane.entries.forEach((entry, number) => {
      const after = lane.entries[number + 1];
      if (entry.shape === "move") {
        entry.left = entry.column.x + (entry.column.slots - 1) * slot + (toScale ? 0 : 6);
        entry.width = Math.max(entry.end.x - entry.left - 1, 4);
      } else if (entry.shape === "mark") {
        entry.left = left(entry);
        entry.width = 14;
      } else {
        entry.left = left(entry);
        const until = entry.until !== undefined ? entry.end.x : after ? left(after) : end;
        const most = after ? left(after) - entry.left - 1 : Infinity;
        entry.open = entry.lasts && !after && entry.until === undefined;
        entry.width = Math.max(Math.min(Math.max(until - entry.left - 1, toScale ? 3 : slot - 4), most), 3);
      }
    });
  }
  return end;
}

// Lets a Node.js process live on the mock's clock, and write in order with the records of its runtime.
// Called as: node node_start.cjs <clock file> <host:port> <descriptor for records> [folder of AWS's client].
"use strict";
const fs = require("node:fs");
const http = require("node:http");
const util = require("node:util");

const [clockFile, address, records, client] = process.argv.splice(2);
const [host, port] = address.split(":");

// -- the clock
const clockDescriptor = fs.openSync(clockFile, "r");
const cell = Buffer.alloc(8);
const readSync = fs.readSync;
function nowNs() {
  readSync(clockDescriptor, cell, 0, 8, 0);
  return cell.readBigInt64LE(0);
}
const nowMs = () => Number(nowNs() / 1000000n);
const began = nowNs();
const RealDate = Date;
class MockDate extends RealDate {
  constructor(...given) {
    if (given.length) super(...given);
    else super(nowMs());
  }
  static now() {
    return nowMs();
  }
}
Object.defineProperty(MockDate, "name", { value: "Date" });
globalThis.Date = new Proxy(MockDate, { apply: () => new MockDate().toString() });
MockDate.prototype.constructor = globalThis.Date;
const passedNs = () => nowNs() - began;
const hrtime = (before) => {
  const all = passedNs() - (before ? BigInt(before[0]) * 1000000000n + BigInt(before[1]) : 0n);
  return [Number(all / 1000000000n), Number(all % 1000000000n)];
};
hrtime.bigint = passedNs;
process.hrtime = hrtime;
globalThis.performance.now = () => Number(passedNs()) / 1e6;

// -- timers: they sleep on the mock's clock once the event loop has nothing else to wait for
const real = { setTimeout, setImmediate, clearTimeout };
const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
const timers = new Map();
let count = 0;
let isAwake = null;
const QUIET = new Set(["Timeout", "Immediate", "PipeWrap", "TTYWrap"]);
class Timer {
  constructor(call, delay, given, repeats) {
    const asked = Number(delay);
    this.delay = asked >= 1 && asked <= 2147483647 ? Math.trunc(asked) : 1;
    Object.assign(this, { call, given, repeats, id: ++count, isRef: true });
    this.at = nowMs() + this.delay;
    timers.set(this.id, this);
    look();
  }
  ref() { this.isRef = true; look(); return this; }
  unref() { this.isRef = false; return this; }
  hasRef() { return this.isRef; }
  refresh() { this.at = nowMs() + this.delay; timers.set(this.id, this); look(); return this; }
  close() { timers.delete(this.id); return this; }
  [Symbol.toPrimitive]() { return this.id; }
}
function look() {
  if (isAwake === null) isAwake = real.setTimeout(wake, 0, 0);
}
function wake(waited) {
  isAwake = null;
  const due = [...timers.values()].sort((a, b) => a.at - b.at || a.id - b.id)[0];
  if (due === undefined || ![...timers.values()].some((one) => one.isRef)) return;
  const busy = process.getActiveResourcesInfo().some((one) => !QUIET.has(one));
  if (busy && waited < 200) {
    isAwake = real.setTimeout(wake, 2, waited + 1);
    return;
  }
  if (due.at <= nowMs()) return fire(due);
  isAwake = {};
  sleepUntil(due.at).then(() => { isAwake = null; if (timers.size) fire(due); });
}
function fire(due) {
  if (timers.get(due.id) === due && due.at <= nowMs()) {
    if (due.repeats) due.at += due.delay;
    else timers.delete(due.id);
    look();
    due.call(...due.given);
  } else look();
}
function sleepUntil(ms) {
  return new Promise((done) => {
    const request = http.request({ host, port, agent, method: "POST", path: "/lambda-states-mock/sleep",
      headers: { "X-Until": String(BigInt(ms) * 1000000n), "X-Thread": "main", "Content-Length": 0 } },
      (answer) => { answer.resume(); answer.on("end", done); });
    request.on("error", done);
    request.end();
  });
}
const clear = (one) => { if (one !== undefined && one !== null) timers.delete(Number(one[Symbol.toPrimitive] ? one[Symbol.toPrimitive]() : one)); };
globalThis.setTimeout = (call, delay, ...given) => new Timer(call, delay, given, false);
globalThis.setInterval = (call, delay, ...given) => new Timer(call, delay, given, true);
globalThis.clearTimeout = globalThis.clearInterval = clear;
const later = (delay, value, options = {}) => new Promise((resolve, reject) => {
  const timer = new Timer(() => resolve(value), delay, [], false);
  options.signal?.addEventListener("abort", () => { clear(timer); reject(options.signal.reason); });
});
globalThis.setTimeout[util.promisify.custom] = later;
const timerModule = require("node:timers");
Object.assign(timerModule, { setTimeout, setInterval, clearTimeout, clearInterval });
require("node:timers/promises").setTimeout = later;
require("node:module").syncBuiltinESMExports();

// -- the log
const PRINTED = 0x4c534d00;
function frame(type, text) {
  const body = Buffer.isBuffer(text) || text instanceof Uint8Array ? Buffer.from(text) : Buffer.from(String(text));
  const head = Buffer.alloc(16);
  head.writeUInt32BE(type, 0);
  head.writeUInt32BE(body.length, 4);
  head.writeBigInt64BE(nowNs() / 1000n, 8);
  const whole = Buffer.concat([head, body]);
  for (let at = 0; at < whole.length; ) at += fs.writeSync(Number(records), whole, at);
}
for (const [number, stream] of [[0, process.stdout], [1, process.stderr]]) {
  stream.write = (data, encoding, done) => {
    frame(PRINTED + number, typeof data === "string" ? Buffer.from(data, typeof encoding === "string" ? encoding : "utf8") : data);
    const call = typeof encoding === "function" ? encoding : done;
    if (call) process.nextTick(call);
    return true;
  };
}

module.exports = { host, port, agent, client, frame };

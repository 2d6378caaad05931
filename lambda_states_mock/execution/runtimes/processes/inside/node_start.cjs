// Runs a Node.js function in a process that lives on the mock's clock: the contract of AWS's client, in a few lines.
// Called as: node node_start.cjs <clock file> <host:port> <descriptor for records>.
"use strict";
const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const { AsyncLocalStorage } = require("node:async_hooks");
const util = require("node:util");

const [clockFile, address, records] = process.argv.splice(2);
const [host, port] = address.split(":");
const handlerName = process.env._HANDLER || "";
const execution = process.env.AWS_EXECUTION_ENV || "";
const acceptsCallbacks = !(Number((/nodejs(\d+)/.exec(execution) || [])[1] || 0) >= 24);
const isJson = process.env.AWS_LAMBDA_LOG_FORMAT === "JSON";

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
const current = new AsyncLocalStorage();
let requestId;
const idNow = () => current.getStore()?.awsRequestId ?? requestId;
const LEVELS = { trace: "TRACE", debug: "DEBUG", info: "INFO", log: "INFO", warn: "WARN", error: "ERROR" };
const ORDER = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
const least = ORDER.indexOf((process.env.AWS_LAMBDA_LOG_LEVEL || "TRACE").toUpperCase());
const errorShape = (error) => ({
  errorType: error?.name ?? "UnknownError", errorMessage: error?.message ?? "", stackTrace: (error?.stack || "").split("\n"),
});
for (const [name, level] of Object.entries(LEVELS)) {
  console[name] = (...said) => {
    if (isJson && ORDER.indexOf(level) < least) return;
    const time = new Date().toISOString();
    if (!isJson) return frame(0xa55a0003, `${time}\t${idNow()}\t${level}\t${util.format(...said)}`);
    const message = said.length === 1 && typeof said[0] === "object" && !(said[0] instanceof Error) ? said[0] : util.format(...said);
    const failed = said.find((one) => one instanceof Error);
    frame(0xa55a0002, JSON.stringify({ timestamp: time, level, requestId: idNow(), message, ...(failed ? errorShape(failed) : {}) }));
  };
}

// -- the Runtime API
function call(method, route, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host, port, agent, method, path: `/2018-06-01/runtime/${route}`,
      headers: body === undefined ? headers : { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body), ...headers } },
      (answer) => {
        const parts = [];
        answer.on("data", (part) => parts.push(part));
        answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts).toString() }));
      });
    request.on("error", reject);
    request.end(body);
  });
}
class Named extends Error {
  constructor(name, message) { super(message); Object.defineProperty(this, "name", { value: name }); }
}
function payloadOf(error) {
  if (util.types.isNativeError(error) || error instanceof Error) {
    return { errorType: error.name ?? "Error", errorMessage: error.message, trace: (error.stack || "").split("\n") };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}
function logError(title, error) {
  const shape = payloadOf(error);
  const { trace, ...rest } = shape;
  const time = new Date().toISOString();
  if (isJson) frame(0xa55a0012, JSON.stringify({ timestamp: time, level: "ERROR", requestId: idNow(), message: { ...rest, stack: trace } }));
  else frame(0xa55a0013, `${time}\t${idNow()}\tERROR\t${title} \t${JSON.stringify({ ...rest, ...(error && typeof error === "object" ? error : {}), stack: trace })}`);
}

const STREAM = Symbol.for("aws.lambda.runtime.handler.streaming");
globalThis.awslambda = {
  streamifyResponse: (handler, options) => { handler[STREAM] = "response"; if (options?.highWaterMark) handler[Symbol.for("aws.lambda.runtime.handler.streaming.highWaterMark")] = options.highWaterMark; return handler; },
  HttpResponseStream: {
    from(stream, prelude) {
      stream.setContentType("application/vnd.awslambda.http-integration-response");
      stream.prelude = Buffer.concat([Buffer.from(JSON.stringify(prelude)), Buffer.alloc(8)]);
      return stream;
    },
  },
};

async function load() {
  const root = process.env.LAMBDA_TASK_ROOT;
  const base = path.basename(handlerName);
  const match = /^([^.]*)\.(.*)$/.exec(base);
  if (!match || handlerName.includes("..")) throw new Named("Runtime.MalformedHandlerName", handlerName.includes("..") ? `'${handlerName}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.` : "Bad handler");
  const stem = path.resolve(root, path.dirname(handlerName), match[1]);
  const file = ["", ".js", ".mjs", ".cjs"].map((end) => stem + end).find((one) => fs.existsSync(one) && fs.statSync(one).isFile());
  let found;
  try {
    if (file !== undefined && !isCommonJs(file)) found = await import(pathToFileURL(file).href);
    else found = require(require.resolve(file ?? match[1], { paths: [root, ...(process.env.NODE_PATH || "").split(":")] }));
  } catch (error) {
    if (error instanceof SyntaxError) throw Object.assign(new Named("Runtime.UserCodeSyntaxError", `SyntaxError: ${error.message}`), { stack: `Runtime.UserCodeSyntaxError: SyntaxError: ${error.message}\n${error.stack}` });
    if (["MODULE_NOT_FOUND", "ERR_MODULE_NOT_FOUND"].includes(error?.code)) throw Object.assign(new Named("Runtime.ImportModuleError", `Error: ${error.message}`), { stack: `Runtime.ImportModuleError: Error: ${error.message}\n${error.stack}` });
    throw error;
  }
  const handler = match[2].split(".").reduce((value, name) => value?.[name], found) ?? match[2].split(".").reduce((value, name) => value?.[name], found?.default);
  if (handler === undefined || handler === null) throw new Named("Runtime.HandlerNotFound", `${handlerName} is undefined or not exported`);
  if (typeof handler !== "function") throw new Named("Runtime.HandlerNotFound", `${handlerName} is not a function`);
  if (!acceptsCallbacks && handler.length >= 3 && !handler[STREAM]) throw new Named("Runtime.CallbackHandlerDeprecated", "AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to modify this function to use a supported handler signature to use Node.js 24 or later. For more information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html");
  return handler;
}
function isCommonJs(file) {
  if (file.endsWith(".cjs")) return true;
  if (file.endsWith(".mjs")) return false;
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    const found = path.join(folder, "package.json");
    if (fs.existsSync(found)) {
      try { return JSON.parse(fs.readFileSync(found, "utf8")).type !== "module"; } catch { return true; }
    }
    if (folder === path.dirname(folder) || folder === process.env.LAMBDA_TASK_ROOT) return true;
  }
}
function contextOf(headers) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  const context = {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: headers["lambda-runtime-client-context"] ? JSON.parse(headers["lambda-runtime-client-context"]) : undefined,
    identity: headers["lambda-runtime-cognito-identity"] ? JSON.parse(headers["lambda-runtime-cognito-identity"]) : undefined,
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
  const tenant = headers["lambda-runtime-aws-tenant-id"];
  if (tenant) context.tenantId = tenant;
  return context;
}
function run(handler, event, context) {
  return new Promise((resolve, reject) => {
    const callback = (error, value) => (error ? reject(error) : resolve(value));
    if (acceptsCallbacks) Object.assign(context, { done: callback, succeed: resolve, fail: (error) => reject(error ?? new Error("handled")) });
    const value = acceptsCallbacks ? handler(event, context, callback) : handler(event, context);
    if (value && typeof value.then === "function") value.then(resolve, reject);
    else if (!acceptsCallbacks || handler.length < 3) { if (value !== undefined || !acceptsCallbacks) resolve(value); }
  });
}
function stream(handler, event, context, id) {
  return new Promise((resolve, reject) => {
    let type = "application/octet-stream";
    let request = null;
    const open = () => {
      if (request !== null) return;
      request = http.request({ host, port, agent, method: "POST", path: `/2018-06-01/runtime/invocation/${id}/response`,
        headers: { "Lambda-Runtime-Function-Response-Mode": "streaming", "Content-Type": type, "Transfer-Encoding": "chunked",
          Trailer: ["Lambda-Runtime-Function-Error-Type", "Lambda-Runtime-Function-Error-Body"] } },
        (answer) => { answer.resume(); answer.on("end", resolve); });
      request.on("error", reject);
      request.flushHeaders();
    };
    const writable = new (require("node:stream").Writable)({
      write(chunk, encoding, done) {
        open();
        if (writable.prelude) { request.write(writable.prelude); writable.prelude = undefined; }
        request.write(chunk, done);
      },
      final(done) { open(); if (writable.prelude) request.write(writable.prelude); request.end(done); },
    });
    const write = writable.write.bind(writable);
    writable.write = (chunk, ...rest) => write(typeof chunk === "string" || chunk instanceof Uint8Array ? chunk : JSON.stringify(chunk), ...rest);
    writable.setContentType = (given) => { type = given; };
    const fail = (error) => {
      logError("Invoke Error", error);
      if (request === null) return call("POST", `invocation/${id}/error`, JSON.stringify(payloadOf(error))).then(resolve, reject);
      request.addTrailers({ "Lambda-Runtime-Function-Error-Type": payloadOf(error).errorType,
        "Lambda-Runtime-Function-Error-Body": Buffer.from(JSON.stringify(payloadOf(error))).toString("base64") });
      request.end();
    };
    let value;
    try { value = handler(event, writable, context); } catch (error) { return fail(error); }
    if (!value || typeof value.then !== "function") return fail(new Error("Streaming does not support non-async handlers."));
    value.catch(fail);
  });
}
async function main() {
  let handler;
  try {
    handler = await load();
  } catch (error) {
    logError("Init Error", error);
    const shape = payloadOf(error);
    await call("POST", "init/error", JSON.stringify(shape), { "Lambda-Runtime-Function-Error-Type": shape.errorType });
    process.exit(1);
  }
  for (;;) {
    const next = await call("GET", "invocation/next");
    if (next.status !== 200) throw new Error(`Failed to get next invocation, error ${next.status}`);
    const id = (requestId = next.headers["lambda-runtime-aws-request-id"]);
    if (next.headers["lambda-runtime-trace-id"]) process.env._X_AMZN_TRACE_ID = next.headers["lambda-runtime-trace-id"];
    const context = contextOf(next.headers);
    await current.run(context, async () => {
      if (handler[STREAM]) return stream(handler, JSON.parse(next.body), context, id);
      let body;
      try {
        const result = await run(handler, JSON.parse(next.body), context);
        try { body = JSON.stringify(result === undefined ? null : result); } catch (error) { throw new Named("Runtime.JSONStringifyError", `Unable to stringify response body: ${error.message}`); }
      } catch (error) {
        logError("Invoke Error", error);
        return call("POST", `invocation/${id}/error`, JSON.stringify(payloadOf(error)));
      }
      return call("POST", `invocation/${id}/response`, body ?? "null");
    });
  }
}
if (Number((/nodejs(\d+)/.exec(execution) || [])[1] || 0) < 24) {
  process.on("unhandledRejection", (reason) => {
    const error = new Named("Runtime.UnhandledPromiseRejection", String(reason));
    error.stack = `Runtime.UnhandledPromiseRejection: ${reason}\n${reason?.stack ?? ""}`;
    lost("Unhandled Promise Rejection", error, 128);
  });
  process.on("uncaughtException", (error) => lost("Uncaught Exception", error, 129));
}
function lost(title, error, status) {
  logError(title, error);
  const shape = JSON.stringify(payloadOf(error));
  call("POST", requestId ? `invocation/${requestId}/error` : "init/error", shape, { "Lambda-Runtime-Function-Error-Type": payloadOf(error).errorType })
    .finally(() => process.exit(status));
}
main();

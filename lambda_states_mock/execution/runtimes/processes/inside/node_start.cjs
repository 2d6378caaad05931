// Runs a Node.js function: by AWS's own client where there is one, else with its contract in a few lines.
// Called as `node_clock.cjs` says.
"use strict";
const { host, port, agent, client, frame } = require("./node_clock.cjs");
const { caller } = require("./api_calls.cjs");
const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const { AsyncLocalStorage } = require("node:async_hooks");
const util = require("node:util");

const handlerName = process.env._HANDLER || "";
const execution = process.env.AWS_EXECUTION_ENV || "";
const acceptsCallbacks = !(Number((/nodejs(\d+)/.exec(execution) || [])[1] || 0) >= 24);
const isJson = process.env.AWS_LAMBDA_LOG_FORMAT === "JSON";

const current = new AsyncLocalStorage();
let requestId;
const idNow = () => current.getStore()?.awsRequestId ?? requestId;
const LEVELS = { trace: "TRACE", debug: "DEBUG", info: "INFO", log: "INFO", warn: "WARN", error: "ERROR" };
const ORDER = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
const least = ORDER.indexOf((process.env.AWS_LAMBDA_LOG_LEVEL || "TRACE").toUpperCase());
const errorShape = (error) => ({
  errorType: error?.name ?? "UnknownError", errorMessage: error?.message ?? "", stackTrace: (error?.stack || "").split("\n"),
});
function logThroughConsole() {
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
}

const call = caller({ host, port, agent });
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
const awslambda = {
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
    if (error?.code === "MODULE_NOT_FOUND") throw Object.assign(new Named("Runtime.ImportModuleError", `Error: ${error.message}`), { stack: `Runtime.ImportModuleError: Error: ${error.message}\n${error.stack}` });
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
function tellWhatIsLost() {
  if (Number((/nodejs(\d+)/.exec(execution) || [])[1] || 0) < 24) {
    process.on("unhandledRejection", (reason) => {
      const error = new Named("Runtime.UnhandledPromiseRejection", String(reason));
      error.stack = `Runtime.UnhandledPromiseRejection: ${reason}\n${reason?.stack ?? ""}`;
      lost("Unhandled Promise Rejection", error, 128);
    });
    process.on("uncaughtException", (error) => lost("Uncaught Exception", error, 129));
  }
}
function lost(title, error, status) {
  logError(title, error);
  const shape = JSON.stringify(payloadOf(error));
  call("POST", requestId ? `invocation/${requestId}/error` : "init/error", shape, { "Lambda-Runtime-Function-Error-Type": payloadOf(error).errorType })
    .finally(() => process.exit(status));
}
if (client) {
  import(pathToFileURL(path.join(client, "index.mjs")).href); // it begins by itself
} else {
  delete process.env._LAMBDA_TELEMETRY_LOG_FD;
  globalThis.awslambda = awslambda;
  logThroughConsole();
  tellWhatIsLost();
  main();
}

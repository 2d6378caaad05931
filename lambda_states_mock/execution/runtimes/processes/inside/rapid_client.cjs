// Stands for the native part of AWS's client for Node.js, which talks to the Runtime API: the same functions, without
// anything to compile. Posts go out in the background, and whoever asks for the next event waits for them.
"use strict";
const http = require("node:http");
const { caller } = require("./api_calls.cjs");

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const call = caller({ host, port, agent: new http.Agent({ keepAlive: true, maxSockets: 1 }) });
let posted = Promise.resolve();

function post(path, body, headers) {
  posted = posted.then(() => call("POST", `invocation/${path}`, body, headers)).catch(() => {});
  return null;
}

exports.next = async () => {
  await posted;
  const { status, headers, body } = await call("GET", "invocation/next");
  if (status !== 200) throw new Error(`Failed to get next invocation, error ${status}`);
  return { bodyJson: body, headers };
};
exports.done = (id, body) => post(`${id}/response`, body);
exports.error = (id, body, xray) => post(`${id}/error`, body, { "lambda-runtime-function-xray-error-cause": xray });

// Stands for the native part of AWS's client for Node.js, which talks to the Runtime API: the same functions, without
// anything to compile. Posts go out in the background, and whoever asks for the next event waits for them.
"use strict";
const http = require("node:http");

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
let posted = Promise.resolve();

function call(method, path, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const given = body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const request = http.request(
      { host, port, agent, method, path: `/2018-06-01/runtime/invocation/${path}`, headers: { ...given, ...headers } },
      (answer) => {
        const parts = [];
        answer.on("data", (part) => parts.push(part));
        answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts).toString() }));
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

function post(path, body, headers) {
  posted = posted.then(() => call("POST", path, body, headers)).catch(() => {});
  return null;
}

exports.next = async () => {
  await posted;
  const { status, headers, body } = await call("GET", "next");
  if (status !== 200) throw new Error(`Failed to get next invocation, error ${status}`);
  return { bodyJson: body, headers };
};
exports.done = (id, body) => post(`${id}/response`, body);
exports.error = (id, body, xray) => post(`${id}/error`, body, { "lambda-runtime-function-xray-error-cause": xray });

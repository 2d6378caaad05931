// One call of the Runtime API.
"use strict";
const http = require("node:http");

// Return a function that calls the API at `host` and `port`; its answers have a status, headers and a text.
exports.caller = ({ host, port, agent }) => (method, route, body, headers = {}) =>
  new Promise((resolve, reject) => {
    const given = body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const request = http.request(
      { host, port, agent, method, path: `/2018-06-01/runtime/${route}`, headers: { ...given, ...headers } },
      (answer) => {
        const parts = [];
        answer.on("data", (part) => parts.push(part));
        answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts).toString() }));
      },
    );
    request.on("error", reject);
    request.end(body);
  });

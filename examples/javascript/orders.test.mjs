// A test of a deployer in JavaScript, for Node's own test runner:
//
//   lambda-states-mock serve &
//   AWS_ENDPOINT_URL_LAMBDA=http://127.0.0.1:4574 node --test examples/javascript/
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { connect, LambdaMockError } from "./lambda_states_mock.mjs";

const m = connect().inWorld(`node-${process.pid}`);
const FUNCTION = {
  FunctionName: "orders",
  Runtime: "nodejs22.x",
  Handler: "index.handler",
  Role: "arn:aws:iam::123456789012:role/orders",
  Code: { S3Bucket: "code", S3Key: "orders.zip" },
};

// Here you would use @aws-sdk/client-lambda, at the same address.
const lambda = `${process.env.AWS_ENDPOINT_URL_LAMBDA ?? "http://127.0.0.1:4574"}/worlds/node-${process.pid}`;
const deploy = () =>
  fetch(`${lambda}/2015-03-31/functions`, { method: "POST", body: JSON.stringify(FUNCTION) });
const invoke = async () =>
  (await fetch(`${lambda}/2015-03-31/functions/orders/invocations`, { method: "POST", body: "{}" })).json();

beforeEach(() => m.reset());

test("a function is Pending until its time has come", async () => {
  await m.timings({ create: "45s" });
  await deploy();
  assert.equal((await m.function("orders").show()).state, "Pending");
  const before = await m.clock.now();
  await m.clock.advance("45s");
  assert.equal((await m.function("orders").show()).state, "Active");
  assert.equal((await m.clock.now()) - before, 45_000);
});

test("it falls idle after two weeks", async () => {
  await deploy();
  await m.clock.runUntilIdle();
  await m.clock.advance("15d");
  assert.equal((await m.function("orders").show()).state, "Inactive");
});

test("a handler answers in place of its code", async () => {
  await m.handler("orders", { returns: { ok: true } });
  await deploy();
  await m.clock.runUntilIdle();
  assert.deepEqual(await invoke(), { ok: true });
  assert.equal((await m.function("orders").invocations()).length, 1);
  assert.deepEqual((await m.calls()).map((call) => call.operation), ["CreateFunction", "Invoke"]);
});

test("a fault lets it fail", async () => {
  await m.faults.onPhase("create", { function: "orders" })({ fail: "SubnetOutOfIPAddresses" });
  await deploy();
  await m.clock.runUntilIdle();
  assert.equal((await m.function("orders").show()).state, "Failed");
  const changes = (await m.timeline("orders")).filter((row) => row.machine === "State");
  assert.deepEqual(changes.map((row) => row.after), ["Pending", "Failed"]);
});

test("what is wrong is an error with its kind", async () => {
  await assert.rejects(m.function("nobody").show(), (error) => {
    assert.ok(error instanceof LambdaMockError);
    assert.equal(error.kind, "UnknownNameError");
    assert.equal(error.status, 404);
    return true;
  });
});

// A function's life through AWS's SDK for JavaScript, version 3, as a deployer has it. Prints what it saw as JSON.
import * as aws from "@aws-sdk/client-lambda";

const { Lambda, waitUntilFunctionActiveV2, waitUntilFunctionUpdatedV2 } = aws;
const client = new Lambda({ region: "eu-west-1", credentials: { accessKeyId: "AKIDMADEUP", secretAccessKey: "made-up" } });
const zip = Buffer.from(process.argv[2], "base64");
const seen = {};

// What the SDK raises for a call: the class, the fields of it, and how often it asked.
async function raised(call) {
  try {
    await call();
  } catch (error) {
    const { name, message, Type, reason, $metadata } = error;
    const kind = aws[name];
    return {
      name, message, Type, reason, status: $metadata?.httpStatusCode, attempts: $metadata?.attempts,
      isItsClass: kind !== undefined && error instanceof kind,
    };
  }
  return null;
}

const text = (bytes) => new TextDecoder().decode(bytes);

const created = await client.createFunction({
  FunctionName: "orders",
  Runtime: "python3.13",
  Handler: "app.handler",
  Role: "arn:aws:iam::123456789012:role/orders",
  Code: { ZipFile: zip },
  Environment: { Variables: { STAGE: "test" } },
});
seen.created = { State: created.State, FunctionArn: created.FunctionArn, CodeSize: created.CodeSize };
seen.refusedWhilePending = await raised(() =>
  client.updateFunctionConfiguration({ FunctionName: "orders", Timeout: 9 }),
);
seen.refusedTwice = await raised(() => client.createFunction({
  FunctionName: "orders", Runtime: "python3.13", Handler: "app.handler",
  Role: "arn:aws:iam::123456789012:role/orders", Code: { ZipFile: zip },
}));

const waiting = { client, minDelay: 1, maxDelay: 2, maxWaitTime: 20 };
seen.waited = (await waitUntilFunctionActiveV2(waiting, { FunctionName: "orders" })).state;

const updated = await client.updateFunctionConfiguration({ FunctionName: "orders", Timeout: 9 });
seen.updated = { LastUpdateStatus: updated.LastUpdateStatus, Timeout: updated.Timeout };
seen.updatedInTheEnd = (await waitUntilFunctionUpdatedV2(waiting, { FunctionName: "orders" })).state;

const handlers = `${process.env.AWS_ENDPOINT_URL_LAMBDA}/_lambda_states_mock/handlers/orders`;
const faults = `${process.env.AWS_ENDPOINT_URL_LAMBDA}/_lambda_states_mock/faults`;
const put = (body) => fetch(handlers, { method: "PUT", body: JSON.stringify(body) });

await put({ returns: { ok: true, text: "grüße" } });
const invoked = await client.invoke({ FunctionName: "orders", Payload: JSON.stringify({ id: 7 }), LogType: "Tail" });
seen.invoked = {
  StatusCode: invoked.StatusCode,
  payload: JSON.parse(text(invoked.Payload)),
  ExecutedVersion: invoked.ExecutedVersion,
  log: Buffer.from(invoked.LogResult, "base64").toString().includes("REPORT RequestId"),
};

await put({ error: { errorType: "OutOfStock", errorMessage: "no more" } });
const failed = await client.invoke({ FunctionName: "orders" });
seen.failed = { FunctionError: failed.FunctionError, payload: JSON.parse(text(failed.Payload)) };

seen.dryRun = (await client.invoke({ FunctionName: "orders", InvocationType: "DryRun" })).StatusCode;
seen.event = (await client.invoke({ FunctionName: "orders", InvocationType: "Event", Payload: "{}" })).StatusCode;

await put({ returns: { ok: true } });
const streamed = await client.invokeWithResponseStream({ FunctionName: "orders", Payload: "{}" });
seen.stream = [];
for await (const event of streamed.EventStream) {
  if (event.PayloadChunk) seen.stream.push({ chunk: text(event.PayloadChunk.Payload) });
  if (event.InvokeComplete) seen.stream.push({ complete: Object.keys(event.InvokeComplete).sort() });
}

seen.missing = await raised(() => client.getFunction({ FunctionName: "nobody" }));
seen.invalid = await raised(() => client.updateFunctionConfiguration({ FunctionName: "orders", Timeout: 90_000 }));
seen.noJson = await raised(() => client.invoke({ FunctionName: "orders", Payload: "{" }));

const fault = (body) => fetch(faults, { method: "POST", body: JSON.stringify(body) });
await fault({ call: "GetFunction", error: "TooManyRequestsException", times: 2 });
const retried = await client.getFunction({ FunctionName: "orders" });
seen.retried = { attempts: retried.$metadata.attempts, State: retried.Configuration.State };
await fault({ call: "GetFunction", error: "ServiceException", times: 3 });
seen.gaveUp = await raised(() => client.getFunction({ FunctionName: "orders" }));
await fault({ call: "GetFunction", disconnect: true, times: 1 });
seen.disconnected = (await client.getFunction({ FunctionName: "orders" })).$metadata.attempts;

for (let number = 0; number < 3; number += 1) {
  await client.createAlias({ FunctionName: "orders", Name: `alias-${number}`, FunctionVersion: "$LATEST" });
}
seen.aliases = [];
for await (const page of aws.paginateListAliases({ client, pageSize: 2 }, { FunctionName: "orders" })) {
  seen.aliases.push(page.Aliases.map((alias) => alias.Name));
}

await client.deleteFunction({ FunctionName: "orders" });
seen.gone = (await raised(() => client.getFunction({ FunctionName: "orders" }))).name;
console.log(JSON.stringify(seen, null, 1));

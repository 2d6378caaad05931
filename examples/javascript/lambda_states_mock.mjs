// A client for `/_lambda_states_mock/` of `lambda-states-mock serve`, without dependencies: copy it into your project.
//
//   import { connect } from "./lambda_states_mock.mjs";
//   const m = connect();                       // at AWS_ENDPOINT_URL_LAMBDA, or at the address that you give
//   await m.handler("orders", { returns: { ok: true } });
//   await m.clock.advance("15d");
//   console.log((await m.function("orders").show()).state);

/** What the server refuses: `kind` names the error, as `UnknownNameError`; `status` is that of the answer. */
export class LambdaMockError extends Error {
  constructor(kind, message, status) {
    super(message);
    this.name = "LambdaMockError";
    this.kind = kind;
    this.status = status;
  }
}

/**
 * Return a client of a server.
 *
 * @param {string} [url] its address, which may end in the name of a world: `http://127.0.0.1:4574/worlds/gw3`
 * @param {{token?: string}} [options] the token, where the server has one
 */
export function connect(url = process.env.AWS_ENDPOINT_URL_LAMBDA ?? "http://127.0.0.1:4574", { token } = {}) {
  const base = `${url.replace(/\/+$/, "")}/_lambda_states_mock`;

  async function ask(method, path, { query, body } = {}) {
    const given = Object.entries(query ?? {}).filter(([, value]) => value !== undefined);
    const search = given.length ? `?${new URLSearchParams(given)}` : "";
    const answer = await fetch(base + path + search, {
      method,
      headers: token ? { "x-lambda-states-mock-token": token } : {},
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const told = await answer.json();
    if (!answer.ok) {
      throw new LambdaMockError(answer.headers.get("x-amzn-errortype"), told.message, answer.status);
    }
    return told;
  }

  const named = (name) => encodeURIComponent(name);
  const faultOf = (place) => (what) => ask("POST", "/faults", { body: { ...place, ...what } });

  return {
    health: () => ask("GET", "/health"),
    /** Let the world begin anew. */
    reset: () => ask("POST", "/reset", { body: {} }),

    clock: {
      /** Where it stands, and what is pending. */
      show: () => ask("GET", "/clock"),
      now: async () => new Date((await ask("GET", "/clock")).now),
      /** Move it on: seconds, or text such as "15d" or "1h30m". */
      advance: (by) => ask("POST", "/clock/advance", { body: { by } }),
      advanceTo: (to) =>
        ask("POST", "/clock/advance_to", { body: { to: to instanceof Date ? to.toISOString() : to } }),
      runUntilIdle: (within) => ask("POST", "/clock/run_until_idle", { body: within === undefined ? {} : { within } }),
      step: () => ask("POST", "/clock/step", { body: {} }),
    },

    /** One function, by its name, name:version or ARN. */
    function: (name) => ({
      show: (options) => ask("GET", `/functions/${named(name)}`, { query: options }),
      idle: () => ask("POST", `/functions/${named(name)}/idle`, { body: {} }),
      /** How long its phases take: `{create: "45s"}`. */
      timings: (timings) => ask("PUT", `/functions/${named(name)}/timings`, { body: timings }),
      invocations: () => ask("GET", `/invocations/${named(name)}`),
    }),
    functions: () => ask("GET", "/functions"),

    /** Say what a function does: `{returns}`, `{error}`, `{side_effect}` or `{webhook}`, and how long it takes. */
    handler: (target, what) => ask("PUT", `/handlers/${named(target)}`, { body: what }),
    removeHandler: (target) => ask("DELETE", `/handlers/${named(target)}`),
    handlers: () => ask("GET", "/handlers"),

    timings: (timings) =>
      timings === undefined ? ask("GET", "/timings") : ask("PUT", "/timings", { body: timings }),

    faults: {
      /** `onPhase("create", {function: "orders"})({fail: "SubnetOutOfIPAddresses"})` */
      onPhase: (phase, place = {}) => faultOf({ ...place, phase }),
      /** `onCall("UpdateFunctionCode")({error: "TooManyRequestsException", times: 2})` */
      onCall: (call, place = {}) => faultOf({ ...place, call }),
      list: () => ask("GET", "/faults"),
      clear: () => ask("DELETE", "/faults"),
    },

    /** Change what functions depend on: `{subnets: "subnet-1", do: "exhaust"}`. */
    world: (change) => ask("POST", "/world", { body: change }),
    calls: (operation) => ask("GET", "/calls", { query: { operation } }),
    timeline: (of) => ask("GET", "/timeline", { query: { of } }),

    /** The same of another world of this server; it begins when it is first asked for something. */
    inWorld: (name) => connect(`${url.replace(/\/worlds\/[^/]*\/*$|\/+$/, "")}/worlds/${named(name)}`, { token }),
    worlds: () => ask("GET", "/worlds"),
    endWorld: (name) => ask("DELETE", `/worlds/${named(name)}`),
  };
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError, data, type StartVerification } from "@ringpass/client";
import { json, problem, serve, verification } from "./server.ts";

// Each of these is the smallest request: that it compiles is the test.
const SMALLEST: StartVerification = { phone: "+84000000000" };

test("a request has the key of the API and one of its own", async () => {
  const servers = [serve(json(201, verification)), serve(json(201, verification))];
  for (const { ringpass } of servers) {
    assert.equal((await ringpass.startVerification(SMALLEST)).id, verification.id);
  }
  const [first] = servers[0]!.requests;
  assert.equal(first?.url, "https://stack.example/v1/verifications");
  assert.equal(first?.headers.get("authorization"), "Bearer rp_key");
  assert.deepEqual(await first?.json(), SMALLEST);
  const keys = servers.flatMap((server) => server.keys());
  assert.equal(new Set(keys).size, 2);
  assert.ok(keys.every(Boolean));
});

test("a key of one's own is sent", async () => {
  const { ringpass, keys } = serve(problem(503, "unavailable"), json(201, verification));
  await ringpass.startVerification(SMALLEST, { idempotencyKey: "login-1" });
  assert.deepEqual(keys(), ["login-1", "login-1"]);
});

for (const [name, failure] of [
  ["in_progress", problem(409, "in_progress")],
  ["a limit", problem(429, "limit_reached")],
  ["the gateway", json(504, { message: "Endpoint request timed out" })],
  ["no connection", new TypeError("fetch failed")],
] as const) {
  test(`a repetition after ${name} has the key of the first`, async () => {
    const { ringpass, requests, keys } = serve(failure, json(201, verification));
    await ringpass.startVerification(SMALLEST);
    assert.equal(requests.length, 2);
    assert.equal(new Set(keys()).size, 1);
    assert.deepEqual(await requests[1]?.json(), SMALLEST);
  });
}

for (const refusal of [
  problem(409, "name_taken"),
  problem(422, "validation_failed", { errors: [{ loc: ["phone"], type: "t", msg: "m" }] }),
  json(429, { code: "limit_reached" }, { "Retry-After": "60" }),
  json(401, { message: "Unauthorized" }),
]) {
  test(`${refusal.status} is not repeated`, async () => {
    const { ringpass, requests } = serve(refusal);
    await assert.rejects(ringpass.startVerification(SMALLEST), (error) => {
      assert.ok(error instanceof ApiError);
      assert.equal(error.status, refusal.status);
      return true;
    });
    assert.equal(requests.length, 1);
  });
}

test("there is an end to tries", async () => {
  const refusals = [1, 2, 3].map(() => problem(503, "unavailable"));
  const { ringpass, requests } = serve(...refusals);
  await assert.rejects(ringpass.readVerification("ver_a"), {
    name: "ApiError",
    code: "unavailable",
    detail: "No.",
    retryAfter: 0,
  });
  assert.equal(requests.length, 3);
});

test("a change without a key is sent once", async () => {
  const { ringpass, keys } = serve(problem(503, "unavailable"));
  const answer = await ringpass.api.PUT("/v1/settings", { body: {} });
  assert.equal(answer.response.status, 503);
  assert.deepEqual(keys(), [null]);
  assert.throws(() => data(answer), ApiError);
});

test("a reading may wait", async () => {
  const { ringpass, requests } = serve(json(200, verification), json(200, verification));
  await ringpass.readVerification("ver_a", { wait: 20, step: 1 });
  await ringpass.readVerification("ver_a");
  const queries = requests.map((request) => new URL(request.url).search);
  assert.deepEqual(queries, ["?wait=20&step=1", ""]);
});

test("what the caller aborts is not repeated", async () => {
  const { ringpass, requests } = serve(new DOMException("aborted", "AbortError"));
  const signal = AbortSignal.abort();
  await assert.rejects(ringpass.api.GET("/v1/keys", { signal }));
  assert.ok(requests.length <= 1);
});

test("errors of something else are API errors too", async () => {
  const { ringpass } = serve(new Response("<html>", { status: 404 }));
  await assert.rejects(ringpass.readVerification("ver_a"), { status: 404, code: "", errors: [] });
});

test("the smallest sends compile, and words of requests are closed", async () => {
  const { ringpass } = serve(json(202, {}), json(200, { items: [], next_cursor: null }));
  await ringpass.api.POST("/v1/voice-otp", { body: { phone: "+84000000000", otp: "1234" } });
  const query = { status: "busy", limit: 1 } as const;
  const page = data(await ringpass.api.GET("/v1/deliveries", { params: { query } }));
  const status: string | undefined = page.items[0]?.status;
  assert.equal(status, undefined);
  // @ts-expect-error - there is no such status
  const wrong: typeof query = { status: "bussy", limit: 1 };
  assert.ok(wrong);
});

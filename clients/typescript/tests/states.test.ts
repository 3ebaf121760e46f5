import assert from "node:assert/strict";
import { test } from "node:test";
import { stateOf, type CheckResult, type State } from "@ringpass/client";
import { json, problem, serve, verification, words } from "./server.ts";

const ENDS: [status: string, reason: string, replacedBy: string | null, kind: State["kind"]][] = [
  ["approved", "code_right", null, "approved"],
  ["canceled", "asked", null, "canceled"],
  ["canceled", "replaced", "ver_b", "replaced"],
  ["expired", "time_over", null, "expired"],
  ["max_attempts_reached", "attempts_used", null, "attempts_used"],
  ["failed", "all_failed", null, "failed"],
  ["paused", "by_a_newer_server", null, "other"],
];

for (const [status, reason, replaced_by, kind] of ENDS) {
  test(`${status}, ${reason} is ${kind}`, async () => {
    const state = stateOf({ ...verification, status, reason, replaced_by });
    assert.equal(state.kind, kind);
    const members = { ended_as: status, reason, ...(replaced_by && { replaced_by }) };
    const { ringpass } = serve(problem(409, "verification_ended", members));
    const result = await ringpass.checkCode("ver_a", "1234");
    assert.deepEqual(result, kind === "approved" ? { kind: "already_approved" } : state);
    if (state.kind === "other") assert.equal(state.status, status);
    if (state.kind === "replaced") assert.equal(state.replacedBy, "ver_b");
  });
}

test("every status that there is has a kind of its own", () => {
  const statuses = words("KnownVerificationStatus");
  const kinds = statuses.map((status) => stateOf({ ...verification, status }).kind);
  assert.equal(new Set(kinds).size, statuses.length);
  assert.ok(statuses.length > 5);
  assert.ok(!kinds.includes("other"));
});

for (const [status, result] of [
  ["approved", { kind: "approved" }],
  ["pending", { kind: "wrong_code", attemptsRemaining: 2 }],
  ["max_attempts_reached", { kind: "attempts_used" }],
  ["under_review", { kind: "other", status: "under_review" }],
] as const) {
  test(`a check answered ${status}`, async () => {
    const { ringpass, requests } = serve(json(200, { id: "v", status, attempts_remaining: 2 }));
    assert.deepEqual(await ringpass.checkCode("ver_a", "1234"), result);
    assert.deepEqual(await requests[0]?.json(), { code: "1234" });
  });
}

test("another refusal of a check is an error", async () => {
  const { ringpass } = serve(problem(404, "not_found"));
  await assert.rejects(ringpass.checkCode("ver_a", "1234"), { code: "not_found" });
});

test("a switch over all kinds is total", () => {
  // That it compiles without a return at the end is the test.
  function text(result: CheckResult): string {
    switch (result.kind) {
      case "approved":
        return "welcome";
      case "wrong_code":
        return `${result.attemptsRemaining} left`;
      case "already_approved":
      case "canceled":
      case "expired":
      case "attempts_used":
      case "failed":
        return result.kind;
      case "replaced":
        return result.replacedBy ?? "";
      case "other":
        return result.status;
    }
  }
  assert.equal(text({ kind: "wrong_code", attemptsRemaining: 1 }), "1 left");
});

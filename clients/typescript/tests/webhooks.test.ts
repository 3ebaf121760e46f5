import assert from "node:assert/strict";
import { test } from "node:test";
import { Webhook } from "standardwebhooks";
import { InvalidWebhook, isEvent, verifyWebhook, type Event } from "@ringpass/client";
import { example } from "./server.ts";

const SECRET = `whsec_${Buffer.from("k".repeat(32)).toString("base64")}`;

function signed(body: string, at = new Date()): Record<string, string> {
  return {
    "Webhook-Id": "evt_1",
    "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
    "webhook-signature": new Webhook(SECRET).sign("evt_1", at, body),
  };
}

test("an event's data is that of its type", () => {
  const body = JSON.stringify({ ...example<object>("Event"), type: "ping", data: { url: "https://a" } });
  for (const headers of [signed(body), new Headers(signed(body))]) {
    const event = verifyWebhook(Buffer.from(body), headers, SECRET);
    assert.ok(!isEvent(event, "verification.approved"));
    assert.ok(isEvent(event, "ping"));
    const url: string = event.data.url;
    assert.equal(url, "https://a");
  }
});

test("an event of a new type survives", () => {
  const body = JSON.stringify({ ...example<object>("Event"), type: "number.ported", data: { to: 1 } });
  const event = verifyWebhook(body, signed(body), SECRET);
  assert.equal(event.type, "number.ported");
  assert.ok(!isEvent(event, "ping"));
});

const BODY = JSON.stringify(example<Event>("Event"));
for (const [name, body, headers, secret] of [
  ["an altered body", `${BODY} `, signed(BODY), SECRET],
  ["another secret", BODY, signed(BODY), `whsec_${Buffer.from("x").toString("base64")}`],
  ["another id", BODY, { ...signed(BODY), "webhook-id": "evt_2", "Webhook-Id": "evt_2" }, SECRET],
  ["an old request", BODY, signed(BODY, new Date(Date.now() - 360_000)), SECRET],
  ["no signature", BODY, {}, SECRET],
  ["a body that is no JSON", "{", signed("{"), SECRET],
  ["a signature that is no Base64", BODY, { ...signed(BODY), "webhook-signature": "v1,?" }, SECRET],
  ["a time that is none", BODY, { ...signed(BODY), "webhook-timestamp": "now" }, SECRET],
  ["a signature in no form", BODY, { ...signed(BODY), "webhook-signature": "v1" }, SECRET],
] as const) {
  test(`${name} is refused`, () => {
    assert.throws(() => verifyWebhook(body, headers, secret), InvalidWebhook);
  });
}

import { Webhook, WebhookVerificationError } from "standardwebhooks";
import type { webhooks } from "../generated/schema.js";
import type { Event } from "./types.js";

type Body<W> = W extends {
  post: { requestBody: { content: { "application/json": infer E } } };
}
  ? E
  : never;
type KnownEvents = { [T in keyof webhooks]: Body<webhooks[T]> };

/** The event of one type: `EventOf<"verification.approved">`. */
export type EventOf<T extends keyof KnownEvents> = KnownEvents[T];

/** The request is not from your Ringpass, is too old, or was altered: answer 400. */
export class InvalidWebhook extends Error {
  override readonly name = "InvalidWebhook";
}

/**
 * Checks a webhook's signature and age (five minutes), and reads its event.
 *
 * @param body The request's body as it came: the very text or bytes, not parsed JSON.
 * @param headers The request's headers.
 * @param secret The endpoint's secret, `whsec_...`.
 * @throws InvalidWebhook
 */
export function verifyWebhook(
  body: string | Uint8Array,
  headers: Headers | Readonly<Record<string, string | string[] | undefined>>,
  secret: string,
): Event {
  const entries = headers instanceof Headers ? [...headers] : Object.entries(headers);
  const texts = entries.flatMap(([name, value]) =>
    typeof value === "string" ? [[name.toLowerCase(), value] as const] : [],
  );
  const text = typeof body === "string" ? body : new TextDecoder().decode(body);
  const webhook = new Webhook(secret);
  try {
    webhook.verify(text, Object.fromEntries(texts), { jsonParse: false });
    return JSON.parse(text) as Event;
  } catch (error) {
    if (error instanceof WebhookVerificationError || error instanceof SyntaxError) {
      throw new InvalidWebhook(error.message, { cause: error });
    }
    throw error;
  }
}

/** Whether an event is of this type; then its `data` has the type's fields. */
export function isEvent<T extends keyof KnownEvents>(event: Event, type: T): event is Event & EventOf<T> {
  return event.type === type;
}

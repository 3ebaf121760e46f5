export { Ringpass, data, type RequestOptions, type RingpassOptions, type WaitOptions } from "./client.js";
export { ApiError } from "./errors.js";
export type { Fetch, Retries } from "./retries.js";
export { stateOf, type CheckResult, type End, type State } from "./states.js";
export type * from "./types.js";
export { InvalidWebhook, isEvent, verifyWebhook, type EventOf } from "./webhooks.js";
export type { components, operations, paths, webhooks } from "../generated/schema.js";

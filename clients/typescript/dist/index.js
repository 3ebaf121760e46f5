export { Ringpass, data } from "./client.js";
export { ApiError } from "./errors.js";
export { stateOf } from "./states.js";
export { InvalidWebhook, isEvent, verifyWebhook } from "./webhooks.js";

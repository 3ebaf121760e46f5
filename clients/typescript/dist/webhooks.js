import { Webhook, WebhookVerificationError } from "standardwebhooks";
/** The request is not from your Ringpass, is too old, or was altered: answer 400. */
export class InvalidWebhook extends Error {
    name = "InvalidWebhook";
}
/**
 * Checks a webhook's signature and age (five minutes), and reads its event.
 *
 * @param body The request's body as it came: the very text or bytes, not parsed JSON.
 * @param headers The request's headers.
 * @param secret The endpoint's secret, `whsec_...`.
 * @throws InvalidWebhook
 */
export function verifyWebhook(body, headers, secret) {
    const entries = headers instanceof Headers ? [...headers] : Object.entries(headers);
    const texts = entries.flatMap(([name, value]) => typeof value === "string" ? [[name.toLowerCase(), value]] : []);
    const text = typeof body === "string" ? body : new TextDecoder().decode(body);
    const webhook = new Webhook(secret);
    try {
        webhook.verify(text, Object.fromEntries(texts), { jsonParse: false });
        return JSON.parse(text);
    }
    catch (error) {
        if (error instanceof WebhookVerificationError || error instanceof SyntaxError) {
            throw new InvalidWebhook(error.message, { cause: error });
        }
        throw error;
    }
}
/** Whether an event is of this type; then its `data` has the type's fields. */
export function isEvent(event, type) {
    return event.type === type;
}

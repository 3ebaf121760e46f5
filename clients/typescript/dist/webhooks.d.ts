import type { webhooks } from "../generated/schema.js";
import type { Event } from "./types.js";
type Body<W> = W extends {
    post: {
        requestBody: {
            content: {
                "application/json": infer E;
            };
        };
    };
} ? E : never;
type KnownEvents = {
    [T in keyof webhooks]: Body<webhooks[T]>;
};
/** The event of one type: `EventOf<"verification.approved">`. */
export type EventOf<T extends keyof KnownEvents> = KnownEvents[T];
/** The request is not from your Ringpass, is too old, or was altered: answer 400. */
export declare class InvalidWebhook extends Error {
    readonly name = "InvalidWebhook";
}
/**
 * Checks a webhook's signature and age (five minutes), and reads its event.
 *
 * @param body The request's body as it came: the very text or bytes, not parsed JSON.
 * @param headers The request's headers.
 * @param secret The endpoint's secret, `whsec_...`.
 * @throws InvalidWebhook
 */
export declare function verifyWebhook(body: string | Uint8Array, headers: Headers | Readonly<Record<string, string | string[] | undefined>>, secret: string): Event;
/** Whether an event is of this type; then its `data` has the type's fields. */
export declare function isEvent<T extends keyof KnownEvents>(event: Event, type: T): event is Event & EventOf<T>;
export {};

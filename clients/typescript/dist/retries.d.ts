export type Fetch = (request: Request) => Promise<Response>;
export interface Retries {
    /** How often a request is sent at most; 3 if left out. */
    readonly tries?: number;
    /** Longer waits are left to the caller, in seconds; 5 if left out. */
    readonly longestWait?: number;
}
/**
 * Gives each POST an idempotency key, and sends a request again that may have come through.
 *
 * All tries have the one key, so none acts twice. A PUT or DELETE is not repeated: it has no key,
 * and its repetition would be answered as another change.
 */
export declare function withRetries(fetch: Fetch, { tries, longestWait }: Retries): Fetch;

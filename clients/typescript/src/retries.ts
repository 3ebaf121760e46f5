import { secondsToWait } from "./errors.js";

export type Fetch = (request: Request) => Promise<Response>;

export interface Retries {
  /** How often a request is sent at most; 3 if left out. */
  readonly tries?: number;
  /** Longer waits are left to the caller, in seconds; 5 if left out. */
  readonly longestWait?: number;
}

const KEY = "Idempotency-Key";
const RETRIED = new Set([429, 500, 502, 503, 504]);

/**
 * Gives each POST an idempotency key, and sends a request again that may have come through.
 *
 * All tries have the one key, so none acts twice. A PUT or DELETE is not repeated: it has no key,
 * and its repetition would be answered as another change.
 */
export function withRetries(fetch: Fetch, { tries = 3, longestWait = 5 }: Retries): Fetch {
  return async (request) => {
    const isPost = request.method === "POST";
    if (isPost && !request.headers.has(KEY)) request.headers.set(KEY, crypto.randomUUID());
    const isRepeatable = isPost || request.method === "GET";
    for (let attempt = 1; ; attempt++) {
      const isLast = !isRepeatable || attempt >= tries;
      try {
        const response = await fetch(isLast ? request : request.clone());
        const wait = secondsToWait(response) ?? pause(attempt);
        if (isLast || wait > longestWait || !(await isWorthRetrying(response))) return response;
        await sleep(wait);
      } catch (error) {
        // What the caller aborts ends; a try that takes too long is repeated.
        if (isLast || request.signal.aborted) throw error;
        await sleep(pause(attempt));
      }
    }
  };
}

async function isWorthRetrying(response: Response): Promise<boolean> {
  if (response.status !== 409) return RETRIED.has(response.status);
  // The first request with this key is still running; other conflicts stay.
  const problem: unknown = await response.clone().json().catch(() => undefined);
  return (problem as { code?: unknown } | undefined)?.code === "in_progress";
}

function pause(attempt: number): number {
  return 0.5 * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
}

function sleep(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

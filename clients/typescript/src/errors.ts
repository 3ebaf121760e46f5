import type { FieldError } from "./types.js";

/** A refusal or a failure of the API, or of what stands before it. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    /** The HTTP status. */
    readonly status: number,
    /** What is wrong, for programs: `limit_reached`; empty if the API itself did not answer. */
    readonly code: string,
    /** What is wrong, for people. */
    readonly detail: string,
    /** The fields at fault. */
    readonly errors: readonly FieldError[],
    /** Seconds until it is worth another try. */
    readonly retryAfter: number | undefined,
    /** The whole problem document (RFC 9457). */
    readonly problem: Readonly<Record<string, unknown>>,
  ) {
    super(`${status} ${code || "error"}: ${detail}`);
  }

  /** Makes an error of a response and what is read of its body: an object, or a text. */
  static from(response: Response, body: unknown): ApiError {
    const problem = isObject(body) ? body : {};
    const text = (name: string) => (typeof problem[name] === "string" ? problem[name] : "");
    return new ApiError(
      response.status,
      text("code"),
      text("detail") || text("message") || response.statusText,
      Array.isArray(problem["errors"]) ? (problem["errors"] as FieldError[]) : [],
      secondsToWait(response),
      problem,
    );
  }
}

/** The header `Retry-After` in seconds. */
export function secondsToWait(response: Response): number | undefined {
  const text = response.headers.get("retry-after");
  return text !== null && /^\d+$/.test(text) ? Number(text) : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

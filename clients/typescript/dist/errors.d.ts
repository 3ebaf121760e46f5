import type { FieldError } from "./types.js";
/** A refusal or a failure of the API, or of what stands before it. */
export declare class ApiError extends Error {
    /** The HTTP status. */
    readonly status: number;
    /** What is wrong, for programs: `limit_reached`; empty if the API itself did not answer. */
    readonly code: string;
    /** What is wrong, for people. */
    readonly detail: string;
    /** The fields at fault. */
    readonly errors: readonly FieldError[];
    /** Seconds until it is worth another try. */
    readonly retryAfter: number | undefined;
    /** The whole problem document (RFC 9457). */
    readonly problem: Readonly<Record<string, unknown>>;
    readonly name = "ApiError";
    constructor(
    /** The HTTP status. */
    status: number, 
    /** What is wrong, for programs: `limit_reached`; empty if the API itself did not answer. */
    code: string, 
    /** What is wrong, for people. */
    detail: string, 
    /** The fields at fault. */
    errors: readonly FieldError[], 
    /** Seconds until it is worth another try. */
    retryAfter: number | undefined, 
    /** The whole problem document (RFC 9457). */
    problem: Readonly<Record<string, unknown>>);
    /** Makes an error of a response and what is read of its body: an object, or a text. */
    static from(response: Response, body: unknown): ApiError;
}
/** The header `Retry-After` in seconds. */
export declare function secondsToWait(response: Response): number | undefined;

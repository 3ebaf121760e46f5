import { type Client } from "openapi-fetch";
import type { paths } from "../generated/schema.js";
import { type Fetch, type Retries } from "./retries.js";
import { type CheckResult } from "./states.js";
import type { StartVerification, Verification } from "./types.js";
export interface RingpassOptions extends Retries {
    /** Where the stack answers, without `/v1`. */
    readonly baseUrl: string;
    readonly apiKey: string;
    /** Seconds for one try; 35 if left out: the stack itself answers within 30. */
    readonly timeout?: number;
    /** In place of the global `fetch`. */
    readonly fetch?: Fetch;
}
export interface RequestOptions {
    /** Your own idempotency key, where a later process may repeat the request. */
    readonly idempotencyKey?: string;
}
export interface WaitOptions {
    /** Seconds, 25 at most, until the verification has ended or has another step. */
    readonly wait?: number;
    /** The step that you know; that of the first reading if left out. */
    readonly step?: number;
}
/** Client of one stack, with one API key. */
export declare class Ringpass {
    /** All operations, typed by the API's description: see openapi-fetch. */
    readonly api: Client<paths>;
    constructor(options: RingpassOptions);
    /** Starts a verification: a message or a call takes a code to the phone. */
    startVerification(body: StartVerification, options?: RequestOptions): Promise<Verification>;
    /** Checks the code that the person entered. Each way that it can go has a `kind` of its own. */
    checkCode(id: string, code: string, options?: RequestOptions): Promise<CheckResult>;
    /** Takes the next step of the workflow at once: the person asks for another way. */
    takeNextStep(id: string, options?: RequestOptions): Promise<Verification>;
    /** Cancels a verification. */
    cancelVerification(id: string, options?: RequestOptions): Promise<Verification>;
    /** Reads a verification, also one that has ended; see `stateOf`. */
    readVerification(id: string, query?: WaitOptions): Promise<Verification>;
}
/**
 * The data of an answer of `api`.
 *
 * @throws ApiError The answer is an error.
 */
export declare function data<T>(answer: {
    data?: T;
    error?: unknown;
    response: Response;
}): T;

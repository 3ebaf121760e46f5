import createClient, { type Client } from "openapi-fetch";
import type { paths } from "../generated/schema.js";
import { ApiError } from "./errors.js";
import { withRetries, type Fetch, type Retries } from "./retries.js";
import { checkResult, endedBefore, type CheckResult } from "./states.js";
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
export class Ringpass {
  /** All operations, typed by the API's description: see openapi-fetch. */
  readonly api: Client<paths>;

  constructor(options: RingpassOptions) {
    const { baseUrl, apiKey, timeout = 35, fetch: send = (request) => fetch(request) } = options;
    const once: Fetch = (request) => {
      const signal = AbortSignal.any([request.signal, AbortSignal.timeout(timeout * 1000)]);
      return send(new Request(request, { signal }));
    };
    this.api = createClient<paths>({
      baseUrl: baseUrl.replace(/\/+$/, ""),
      headers: { Authorization: `Bearer ${apiKey}` },
      fetch: withRetries(once, options),
    });
  }

  /** Starts a verification: a message or a call takes a code to the phone. */
  async startVerification(body: StartVerification, options?: RequestOptions): Promise<Verification> {
    const header = headerOf(options);
    return data(await this.api.POST("/v1/verifications", { body, params: { header } }));
  }

  /** Checks the code that the person entered. Each way that it can go has a `kind` of its own. */
  async checkCode(id: string, code: string, options?: RequestOptions): Promise<CheckResult> {
    const answer = await this.api.POST("/v1/verifications/{id}/check", {
      params: { path: { id }, header: headerOf(options) },
      body: { code },
    });
    const { error } = answer;
    if (error !== undefined && "ended_as" in error) return endedBefore(error);
    return checkResult(data(answer));
  }

  /** Takes the next step of the workflow at once: the person asks for another way. */
  async takeNextStep(id: string, options?: RequestOptions): Promise<Verification> {
    const params = { path: { id }, header: headerOf(options) };
    return data(await this.api.POST("/v1/verifications/{id}/next", { params }));
  }

  /** Cancels a verification. */
  async cancelVerification(id: string, options?: RequestOptions): Promise<Verification> {
    const params = { path: { id }, header: headerOf(options) };
    return data(await this.api.POST("/v1/verifications/{id}/cancel", { params }));
  }

  /** Reads a verification, also one that has ended; see `stateOf`. */
  async readVerification(id: string, query: WaitOptions = {}): Promise<Verification> {
    return data(await this.api.GET("/v1/verifications/{id}", { params: { path: { id }, query } }));
  }
}

/**
 * The data of an answer of `api`.
 *
 * @throws ApiError The answer is an error.
 */
export function data<T>(answer: { data?: T; error?: unknown; response: Response }): T {
  if (!answer.response.ok || answer.data === undefined) {
    throw ApiError.from(answer.response, answer.error);
  }
  return answer.data;
}

function headerOf(options: RequestOptions | undefined): { "Idempotency-Key"?: string } {
  return options?.idempotencyKey === undefined ? {} : { "Idempotency-Key": options.idempotencyKey };
}

import createClient from "openapi-fetch";
import { ApiError } from "./errors.js";
import { withRetries } from "./retries.js";
import { checkResult, endedBefore } from "./states.js";
/** Client of one stack, with one API key. */
export class Ringpass {
    /** All operations, typed by the API's description: see openapi-fetch. */
    api;
    constructor(options) {
        const { baseUrl, apiKey, timeout = 35, fetch: send = (request) => fetch(request) } = options;
        const once = (request) => {
            const signal = AbortSignal.any([request.signal, AbortSignal.timeout(timeout * 1000)]);
            return send(new Request(request, { signal }));
        };
        this.api = createClient({
            baseUrl: baseUrl.replace(/\/+$/, ""),
            headers: { Authorization: `Bearer ${apiKey}` },
            fetch: withRetries(once, options),
        });
    }
    /** Starts a verification: a message or a call takes a code to the phone. */
    async startVerification(body, options) {
        const header = headerOf(options);
        return data(await this.api.POST("/v1/verifications", { body, params: { header } }));
    }
    /** Checks the code that the person entered. Each way that it can go has a `kind` of its own. */
    async checkCode(id, code, options) {
        const answer = await this.api.POST("/v1/verifications/{id}/check", {
            params: { path: { id }, header: headerOf(options) },
            body: { code },
        });
        const { error } = answer;
        if (error !== undefined && "ended_as" in error)
            return endedBefore(error);
        return checkResult(data(answer));
    }
    /** Takes the next step of the workflow at once: the person asks for another way. */
    async takeNextStep(id, options) {
        const params = { path: { id }, header: headerOf(options) };
        return data(await this.api.POST("/v1/verifications/{id}/next", { params }));
    }
    /** Cancels a verification. */
    async cancelVerification(id, options) {
        const params = { path: { id }, header: headerOf(options) };
        return data(await this.api.POST("/v1/verifications/{id}/cancel", { params }));
    }
    /** Reads a verification, also one that has ended; see `stateOf`. */
    async readVerification(id, query = {}) {
        return data(await this.api.GET("/v1/verifications/{id}", { params: { path: { id }, query } }));
    }
}
/**
 * The data of an answer of `api`.
 *
 * @throws ApiError The answer is an error.
 */
export function data(answer) {
    if (!answer.response.ok || answer.data === undefined) {
        throw ApiError.from(answer.response, answer.error);
    }
    return answer.data;
}
function headerOf(options) {
    return options?.idempotencyKey === undefined ? {} : { "Idempotency-Key": options.idempotencyKey };
}

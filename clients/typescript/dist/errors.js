/** A refusal or a failure of the API, or of what stands before it. */
export class ApiError extends Error {
    status;
    code;
    detail;
    errors;
    retryAfter;
    problem;
    name = "ApiError";
    constructor(
    /** The HTTP status. */
    status, 
    /** What is wrong, for programs: `limit_reached`; empty if the API itself did not answer. */
    code, 
    /** What is wrong, for people. */
    detail, 
    /** The fields at fault. */
    errors, 
    /** Seconds until it is worth another try. */
    retryAfter, 
    /** The whole problem document (RFC 9457). */
    problem) {
        super(`${status} ${code || "error"}: ${detail}`);
        this.status = status;
        this.code = code;
        this.detail = detail;
        this.errors = errors;
        this.retryAfter = retryAfter;
        this.problem = problem;
    }
    /** Makes an error of a response and what is read of its body: an object, or a text. */
    static from(response, body) {
        const problem = isObject(body) ? body : {};
        const text = (name) => (typeof problem[name] === "string" ? problem[name] : "");
        return new ApiError(response.status, text("code"), text("detail") || text("message") || response.statusText, Array.isArray(problem["errors"]) ? problem["errors"] : [], secondsToWait(response), problem);
    }
}
/** The header `Retry-After` in seconds. */
export function secondsToWait(response) {
    const text = response.headers.get("retry-after");
    return text !== null && /^\d+$/.test(text) ? Number(text) : undefined;
}
function isObject(value) {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

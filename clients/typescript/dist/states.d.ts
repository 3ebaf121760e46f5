import type { Schemas, Verification } from "./types.js";
export type End = 
/** The right code was entered. */
{
    readonly kind: "approved";
}
/** You canceled it. */
 | {
    readonly kind: "canceled";
}
/** A newer verification was started for the same phone: the newest code is the only one. */
 | {
    readonly kind: "replaced";
    readonly replacedBy: string | undefined;
} | {
    readonly kind: "expired";
}
/** The last attempt was a wrong code. */
 | {
    readonly kind: "attempts_used";
}
/** No call and no message reached the phone. */
 | {
    readonly kind: "failed";
}
/** A newer server's word. */
 | {
    readonly kind: "other";
    readonly status: string;
};
export type State = {
    readonly kind: "pending";
} | End;
export type CheckResult = 
/** The code is right. This is answered once: log the person in. */
{
    readonly kind: "approved";
} | {
    readonly kind: "wrong_code";
    readonly attemptsRemaining: number;
}
/** An earlier check was approved: this one proves nothing. */
 | {
    readonly kind: "already_approved";
} | Exclude<End, {
    kind: "approved";
}>;
/** What has become of a verification. */
export declare function stateOf(verification: Verification): State;
/** What an answer to a check says. */
export declare function checkResult(checked: Schemas["CheckedCode"]): CheckResult;
/** What the refusal of a check says: the verification had ended before. */
export declare function endedBefore(problem: Schemas["VerificationEndedProblem"]): CheckResult;

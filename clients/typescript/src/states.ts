// A verification's state and what a code came to, each kind a type of its own.
import type { Schemas, Verification } from "./types.js";

export type End =
  /** The right code was entered. */
  | { readonly kind: "approved" }
  /** You canceled it. */
  | { readonly kind: "canceled" }
  /** A newer verification was started for the same phone: the newest code is the only one. */
  | { readonly kind: "replaced"; readonly replacedBy: string | undefined }
  | { readonly kind: "expired" }
  /** The last attempt was a wrong code. */
  | { readonly kind: "attempts_used" }
  /** No call and no message reached the phone. */
  | { readonly kind: "failed" }
  /** A newer server's word. */
  | { readonly kind: "other"; readonly status: string };

export type State = { readonly kind: "pending" } | End;

export type CheckResult =
  /** The code is right. This is answered once: log the person in. */
  | { readonly kind: "approved" }
  | { readonly kind: "wrong_code"; readonly attemptsRemaining: number }
  /** An earlier check was approved: this one proves nothing. */
  | { readonly kind: "already_approved" }
  | Exclude<End, { kind: "approved" }>;

/** What has become of a verification. */
export function stateOf(verification: Verification): State {
  const { status, reason, replaced_by } = verification;
  return status === "pending" ? { kind: "pending" } : endOf(status, reason, replaced_by);
}

/** What an answer to a check says. */
export function checkResult(checked: Schemas["CheckedCode"]): CheckResult {
  switch (checked.status) {
    case "approved":
      return { kind: "approved" };
    case "pending":
      return { kind: "wrong_code", attemptsRemaining: checked.attempts_remaining };
    default:
      return checkedTooLate(checked.status, undefined, undefined);
  }
}

/** What the refusal of a check says: the verification had ended before. */
export function endedBefore(problem: Schemas["VerificationEndedProblem"]): CheckResult {
  return checkedTooLate(problem.ended_as, problem.reason, problem.replaced_by);
}

function checkedTooLate(...end: Parameters<typeof endOf>): CheckResult {
  const result = endOf(...end);
  return result.kind === "approved" ? { kind: "already_approved" } : result;
}

function endOf(
  status: string,
  reason: string | null | undefined,
  replacedBy: string | null | undefined,
): End {
  switch (status) {
    case "approved":
    case "expired":
    case "failed":
      return { kind: status };
    case "max_attempts_reached":
      return { kind: "attempts_used" };
    case "canceled":
      return reason === "replaced" || replacedBy
        ? { kind: "replaced", replacedBy: replacedBy ?? undefined }
        : { kind: "canceled" };
    default:
      return { kind: "other", status };
  }
}

/** What has become of a verification. */
export function stateOf(verification) {
    const { status, reason, replaced_by } = verification;
    return status === "pending" ? { kind: "pending" } : endOf(status, reason, replaced_by);
}
/** What an answer to a check says. */
export function checkResult(checked) {
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
export function endedBefore(problem) {
    return checkedTooLate(problem.ended_as, problem.reason, problem.replaced_by);
}
function checkedTooLate(...end) {
    const result = endOf(...end);
    return result.kind === "approved" ? { kind: "already_approved" } : result;
}
function endOf(status, reason, replacedBy) {
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

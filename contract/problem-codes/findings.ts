import { inArea, inRoles, type ProblemEntries } from "./entry.ts";

const LIST = `grants["list"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/orders/{rest+}"}`;
const ITEM = `grants["read"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/orders/{id}"}`;
const ACCEPTED = `# METADATA
# custom:
#   accepted:
#     grant.redundant: the wide grant goes when the new API has its own`;

/** The codes of `analysis/access/findings.ts` and `build/policy/accepted.ts`. */
export const FINDINGS = {
  "grant.redundant": {
    title: "A grant could be left out: other grants allow the same.",
    why: "Whoever tightens it changes nothing, and may not notice. Remove it, or narrow the wider grant that it was meant to replace. Each grant is judged as if no other were left out.",
    refused: inArea(`${LIST}\n\n${ITEM}`),
    instead: inArea(`${LIST}\n\n${ACCEPTED}\n${ITEM}`),
  },
  "grant.shadowed": {
    title: "Several denials together cover a grant completely.",
    why: "Denials override grants, so this grant can never allow anything. Narrow the denials, or remove the grant. That one denial covers a grant is the problem `grant.never_applies`.",
    refused: inArea(`grants["list"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/lists/{rest+}"}

denials["items"] := {"verbs": {"GET"}, "path": "/lists/{id}"}

denials["lines"] := {"verbs": {"GET"}, "path": "/lists/{id}/{rest+}"}`),
    instead: inArea(`grants["list"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/lists/{rest+}"}

denials["lines"] := {"verbs": {"GET"}, "path": "/lists/{id}/{rest+}"}`),
  },
  "denial.redundant": {
    title: "A denial could be left out: other denials forbid the same.",
    why: "Whoever gives it an `unless` changes nothing, and may not notice. Remove it, or the other one.",
    refused: inArea(`grants["list"] := {"roles": {"customer"}, "verbs": {"GET", "PUT"}, "path": "/lists/{id}"}

denials["changes"] := {"verbs": {"PUT"}, "path": "/lists/{rest+}"}

denials["own"] := {"verbs": {"PUT"}, "path": "/lists/{id}"}`),
    instead: inArea(`grants["list"] := {"roles": {"customer"}, "verbs": {"GET", "PUT"}, "path": "/lists/{id}"}

denials["changes"] := {"verbs": {"PUT"}, "path": "/lists/{rest+}"}`),
  },
  "denial.idle": {
    title: "A denial forbids what no grant allows.",
    why: "That may be meant for grants to come, or its path or verbs are misspelt, and what it should protect is open.",
    refused: inArea(`grants["list"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/lists/{id}"}

denials["secret"] := {"verbs": {"GET"}, "path": "/list/secret"}`),
    instead: inArea(`grants["list"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/lists/{id}"}

denials["secret"] := {"verbs": {"GET"}, "path": "/lists/secret"}`),
  },
  "role.same": {
    title: "Two roles are held by the same principals.",
    why: "They are one role under two names: who gets one gets the other. A grant for one is a grant for both, and a denial, too.",
    refused: inRoles(`buyer := {"groups": {"Customers"}}`),
    instead: inRoles(`buyer := {"groups": {"Buyers"}}`),
  },
  "accepted.idle": {
    title: "METADATA accepts what is not found, or gives no reason.",
    why: "`custom.accepted` of a rule names the codes of notices that are right as they are, each with the reason. Left in when nothing is found any more, it would hide what somebody makes later. Codes about routes are compared with the routes of `--openapi` only.",
    refused: inArea(`${ACCEPTED}\n${ITEM}`),
    instead: inArea(ITEM),
  },
} satisfies ProblemEntries;

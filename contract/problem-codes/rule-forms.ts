import { inArea, type ProblemEntries } from "./entry.ts";

/** `build/policy/rules.ts`, and a policy that grants nothing. */
export const RULES = {
  "rule.unknown": {
    title: "An area has a rule that is neither a grant nor a denial.",
    why: 'The engine looks only at `grants["…"]` and `denials["…"]`. A misspelt name would be a rule without effect, which is dangerous for a denial. Values that several rules share are written out in each, so that a reader sees the whole rule in one place.',
    refused: inArea(`denial["ledger"] := {"verbs": {"DELETE"}, "path": "/ledger/{rest+}"}`),
    instead: inArea(`denials["ledger"] := {"verbs": {"DELETE"}, "path": "/ledger/{rest+}"}`),
  },
  "rule.malformed_name": {
    title: "A grant, denial or role is not named as it has to be.",
    why: 'A grant or denial is `grants["name"]` or `denials["name"]`, where the name has letters, digits, `.`, `_` and `-`; a role is a rule with a name of one part. The names are in decisions and logs, and tools look rules up by them.',
    refused: inArea(`grants["read orders"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/orders"}`),
    instead: inArea(`grants["read_orders"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/orders"}`),
  },
  "rule.conditional": {
    title: "A grant, denial or role depends on something.",
    why: "Grants, denials and roles are compiled into an index when the policy is built, without a request. A denial with a body that reads `input` would be absent from the index, and nobody would notice. Write a condition, and name it in `when` or `unless`.",
    refused: inArea(`grants["export"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/export"} if 7 > 6`),
    instead: inArea(`grants["export"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/export"}`),
  },
  "rule.not_literal": {
    title: "The value of a grant, denial or role is not written out.",
    why: "A reference, a call or a comprehension could depend on the request, and is missing whenever something that it reads is missing. The value must be an object of literals, so that reviewers see everything that the rule says.",
    refused: inArea(`grants["print"] := {"roles": {"customer"}, "verbs": {upper("get")}, "path": "/print"}`),
    instead: inArea(`grants["print"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/print"}`),
  },
  "rule.repeated_key": {
    title: "An object has one key twice.",
    why: "Rego takes the last of the two and says nothing, so a part of the rule that a reviewer has seen would not be in force.",
    refused: inArea(`denials["audit"] := {"verbs": {"PUT"}, "path": "/audit", "verbs": {"DELETE"}}`),
    instead: inArea(`denials["audit"] := {"verbs": {"DELETE", "PUT"}, "path": "/audit"}`),
  },
  "rule.duplicate": {
    title: "Two rules have one name.",
    why: "Names of grants and denials are unique within an area, and names of roles within the policy. OPA can't evaluate two different values of one name, and a reader would take one of them for the whole.",
    refused: inArea(`grants["invoices"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/invoices"}

grants["invoices"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/invoices"}`),
    instead: inArea(`grants["invoices"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/invoices"}

grants["invoice"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/invoices/{invoice_id}"}`),
  },
  "grant.missing": {
    title: "The policy has no grant.",
    why: "Without a grant every request is denied. That is hardly ever meant; more often the areas are in another folder.",
    refused: inArea(`denials["wiki"] := {"verbs": {"DELETE"}, "path": "/wiki"}`),
    instead: inArea(`denials["wiki"] := {"verbs": {"DELETE"}, "path": "/wiki"}

grants["wiki"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/wiki"}`),
  },
} satisfies ProblemEntries;

/** `policies/engine/check/keys.rego`. */
export const KEYS = {
  "key.unknown": {
    title: "A grant, denial or role has a key that does not exist.",
    why: "The engine would not look at a misspelt key, and a grant whose `when` or `where` is misspelt would be open to more people than its author meant.",
    refused: inArea(
      `grants["own"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/own/{id}", "wher": {"id": "sub"}}`,
    ),
    instead: inArea(
      `grants["own"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/own/{id}", "where": {"id": "sub"}}`,
    ),
  },
  "key.misplaced": {
    title: "A grant has `unless`, or a denial has `when` or `where`.",
    why: "A denial that held because of a value would be disarmed by leaving that value out. So a denial always holds, unless a good condition is true. A grant is the other way round: it holds when its conditions are true.",
    refused: inArea(`denials["other"] := {"verbs": {"GET"}, "path": "/other/{id}", "where": {"id": "custom:blocked"}}`),
    instead: inArea(
      `grants["other"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/other/{id}", "where": {"id": "sub"}}`,
    ),
  },
  "key.missing": {
    title: "A grant or denial lacks a key that it needs.",
    why: "A grant needs `roles`, `verbs` and `path`; a denial needs `verbs` and `path`. Nothing is assumed in their place: a rule that covers everything says so.",
    refused: inArea(`grants["news"] := {"roles": {"customer"}, "path": "/news"}`),
    instead: inArea(`grants["news"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/news"}`),
  },
  "type.wrong": {
    title: "A value has another type than its key takes.",
    why: "Sets are written `{…}` and lists `[…]`. The engine looks names up in sets; in a value of another type it would find nothing, so that a grant would never apply and a denial would never forbid.",
    refused: inArea(`grants["faq"] := {"roles": {"customer"}, "verbs": ["GET"], "path": "/faq"}`),
    instead: inArea(`grants["faq"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/faq"}`),
  },
  "set.empty": {
    title: "A value is an empty set or an empty object.",
    why: "Nothing is in an empty set, so a reader can't tell whether it means everybody or nobody. Fill it, or leave the key out.",
    refused: inArea(`denials["beta"] := {"roles": set(), "verbs": {"GET"}, "path": "/beta"}`),
    instead: inArea(`denials["beta"] := {"verbs": {"GET"}, "path": "/beta"}`),
  },
} satisfies ProblemEntries;

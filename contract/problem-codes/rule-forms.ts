import { inArea, type ProblemEntries } from "./entry.ts";

/** The codes of `build/policy/rules.ts`, and of a policy without a grant. */
export const RULES = {
  "rule.unknown": {
    title: "An area has a rule that is not a grant, a denial or a public rule.",
    why: 'The build reads only `grants["…"]`, `denials["…"]` and `public["…"]`. A rule with a misspelt name would have no effect, which is dangerous for a denial. Write out values that several grants share in each of them, so that a reader sees the whole grant in one place.',
    refused: inArea(`denial["ledger"] := {"verbs": {"DELETE"}, "path": "/ledger/{rest+}"}`),
    instead: inArea(`denials["ledger"] := {"verbs": {"DELETE"}, "path": "/ledger/{rest+}"}`),
  },
  "rule.malformed_name": {
    title: "A grant, denial, public rule or role has a malformed name.",
    why: 'A grant, denial or public rule is `grants["name"]`, `denials["name"]` or `public["name"]`, where the name has letters, digits, `.`, `_` and `-`; a role is a rule with a name of one part. The names are in decisions and logs, and tools look grants and denials up by them.',
    refused: inArea(`grants["read orders"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/orders"}`),
    instead: inArea(`grants["read_orders"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/orders"}`),
  },
  "rule.conditional": {
    title: "A grant, denial, public rule or role has a condition in Rego.",
    why: "Grants, denials, public rules and roles are read when the policy is built, without a request. A denial with a body that reads `input` would be absent from the index, and nobody would notice. Write a condition, and name it in `when` or `unless`.",
    refused: inArea(`grants["export"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/export"} if 7 > 6`),
    instead: inArea(`grants["export"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/export"}`),
  },
  "rule.not_literal": {
    title: "The value of a grant, denial, public rule or role is not written out.",
    why: "A reference, a call or a comprehension could depend on the request, and is missing whenever something that it reads is missing. The value must be an object of literals, so that reviewers see all of it.",
    refused: inArea(`grants["print"] := {"roles": {"customer"}, "verbs": {upper("get")}, "path": "/print"}`),
    instead: inArea(`grants["print"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/print"}`),
  },
  "rule.repeated_key": {
    title: "An object has one key twice.",
    why: "Rego takes the last of the two without a warning, so a value that a reviewer has seen would not be in force.",
    refused: inArea(`denials["audit"] := {"verbs": {"PUT"}, "path": "/audit", "verbs": {"DELETE"}}`),
    instead: inArea(`denials["audit"] := {"verbs": {"DELETE", "PUT"}, "path": "/audit"}`),
  },
  "rule.duplicate": {
    title: "Two rules have one name.",
    why: "Names of grants, denials and public rules are unique within an area, and names of roles within the policy. OPA can't evaluate two different values of one name, and a reader who finds one of them would not look for the other.",
    refused: inArea(`grants["invoices"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/invoices"}

grants["invoices"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/invoices"}`),
    instead: inArea(`grants["invoices"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/invoices"}

grants["invoice"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/invoices/{invoice_id}"}`),
  },
  "grant.missing": {
    title: "The policy has no grant.",
    why: "Without a grant every request is denied. Most often that is a mistake: the areas are in another folder.",
    refused: inArea(`denials["wiki"] := {"verbs": {"DELETE"}, "path": "/wiki"}`),
    instead: inArea(`denials["wiki"] := {"verbs": {"DELETE"}, "path": "/wiki"}

grants["wiki"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/wiki"}`),
  },
} satisfies ProblemEntries;

/** The codes of `policies/engine/check/keys.rego`. */
export const KEYS = {
  "key.unknown": {
    title: "A grant, denial, public rule or role has a key that does not exist.",
    why: "The engine would ignore a misspelt key, and a grant whose `when` or `where` is misspelt would allow more people than its author meant.",
    refused: inArea(
      `grants["own"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/own/{id}", "wher": {"id": "sub"}}`,
    ),
    instead: inArea(
      `grants["own"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/own/{id}", "where": {"id": "sub"}}`,
    ),
  },
  "key.misplaced": {
    title: "A grant has `unless`, a denial has `when` or `where`, or a public rule has any of them or `roles`.",
    why: "If a denial needed a value, a caller could escape it by leaving the value out. So a denial always applies, unless a good condition is true. A grant is the opposite: it applies when its conditions are true. A public rule opens a route to everybody: there is no token whose roles or claims could be read, and nothing is evaluated.",
    refused: inArea(`denials["other"] := {"verbs": {"GET"}, "path": "/other/{id}", "where": {"id": "custom:blocked"}}`),
    instead: inArea(
      `grants["other"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/other/{id}", "where": {"id": "sub"}}`,
    ),
  },
  "key.missing": {
    title: "A grant, denial or public rule lacks a key that it needs.",
    why: "A grant needs `roles`, `verbs` and `path`; a denial and a public rule need `verbs` and `path`. They have no defaults: a grant or denial that covers everything says so.",
    refused: inArea(`grants["news"] := {"roles": {"customer"}, "path": "/news"}`),
    instead: inArea(`grants["news"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/news"}`),
  },
  "type.wrong": {
    title: "The value of a key has the wrong type.",
    why: "Sets are written `{…}` and lists `[…]`. The engine looks names up in sets. In a value of another type it would find nothing, so a grant would never allow and a denial would never forbid.",
    refused: inArea(`grants["faq"] := {"roles": {"customer"}, "verbs": ["GET"], "path": "/faq"}`),
    instead: inArea(`grants["faq"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/faq"}`),
  },
  "set.empty": {
    title: "A value is an empty set or an empty object.",
    why: "A reader can't tell whether an empty set means everybody or nobody. Fill it, or leave the key out.",
    refused: inArea(`denials["beta"] := {"roles": set(), "verbs": {"GET"}, "path": "/beta"}`),
    instead: inArea(`denials["beta"] := {"verbs": {"GET"}, "path": "/beta"}`),
  },
} satisfies ProblemEntries;

import { inArea, inRoles, type ProblemEntries } from "./entry.ts";

/** The codes of `policies/engine/check/apis.rego`. */
export const APIS = {
  "api.malformed_name": {
    title: "A grant or denial is for an API whose name no API can have.",
    why: "The name of an API is the beginning of the alias by which it invokes the authorizer, so it has letters, digits and single hyphens, at most 64 characters. No request comes from an API with another name, so the grant would never apply, and the denial would protect nothing.",
    refused: inArea(`grants["shop"] := {"api": {"shop.v1"}, "roles": {"customer"}, "verbs": {"GET"}, "path": "/shop"}`),
    instead: inArea(`grants["shop"] := {"api": {"shop-v1"}, "roles": {"customer"}, "verbs": {"GET"}, "path": "/shop"}`),
  },
} satisfies ProblemEntries;

/** The codes of `policies/engine/check/paths.rego`. */
export const PATHS = {
  "verb.unknown": {
    title: "A verb is not an HTTP method, `ANY` or `CONNECT`.",
    why: "Verbs are compared in capital letters. A misspelt verb would match no request, and a denial with it would forbid nothing.",
    refused: inArea(`grants["shop"] := {"roles": {"customer"}, "verbs": {"get"}, "path": "/shop"}`),
    instead: inArea(`grants["shop"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/shop"}`),
  },
  "verb.misplaced": {
    title: "A grant or denial with `CONNECT` has another path than `/`.",
    why: "`CONNECT` stands for the `$connect` route of a WebSocket API, whose path is always `/`. With another path the grant or denial would never match.",
    refused: inArea(`grants["socket"] := {"roles": {"customer"}, "verbs": {"CONNECT"}, "path": "/chat"}`),
    instead: inArea(`grants["socket"] := {"roles": {"customer"}, "verbs": {"CONNECT"}, "path": "/"}`),
  },
  "template.malformed": {
    title: "A path is not a path template.",
    why: "The authorizer compares paths in one canonical, decoded form, and refuses a request whose path has two readings. A template with a trailing slash, an encoded character or another wildcard than `{name}`, or `{name+}` at the end, would match no request.",
    refused: inArea(`grants["carts"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/carts/*"}`),
    instead: inArea(`grants["carts"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/carts/{rest+}"}`),
  },
  "template.repeated_parameter": {
    title: "Two parameters of a path have one name.",
    why: "A parameter has one value. With two of one name, a `where` or a condition would check one of them only.",
    refused: inArea(`grants["lines"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/lists/{id}/lines/{id}"}`),
    instead: inArea(
      `grants["lines"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/lists/{id}/lines/{line_id}"}`,
    ),
  },
  "where.unknown_parameter": {
    title: "`where` names a parameter that the path does not have.",
    why: "The engine compares the parameter with a claim. A parameter that is not in the path has no value and equals no claim, so the grant would never apply.",
    refused: inArea(
      `grants["mail"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/mail/{user}", "where": {"user_id": "sub"}}`,
    ),
    instead: inArea(
      `grants["mail"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/mail/{user}", "where": {"user": "sub"}}`,
    ),
  },
  "where.greedy_parameter": {
    title: "`where` names a parameter of several segments.",
    why: "The value of `{name+}` is the rest of the path, joined by slashes. It would equal a claim only if the rest is a single segment. Name the segment that belongs to the user.",
    refused: inArea(
      `grants["files"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/files/{user+}", "where": {"user": "sub"}}`,
    ),
    instead: inArea(
      `grants["files"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/files/{user}/{rest+}", "where": {"user": "sub"}}`,
    ),
  },
} satisfies ProblemEntries;

/** The codes of `policies/engine/check/roles.rego`. */
export const ROLES = {
  "role.unknown": {
    title: "A grant, denial or role names a role that is not defined.",
    why: "Nobody holds a role that does not exist. A grant for it would never apply, and a denial for it would forbid nobody.",
    refused: inArea(`grants["returns"] := {"roles": {"custommer"}, "verbs": {"GET"}, "path": "/returns"}`),
    instead: inArea(`grants["returns"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/returns"}`),
  },
  "role.builtin": {
    title: "The policy defines the role `authenticated`.",
    why: "The engine gives `authenticated` to every principal whose token is valid. A role of that name with groups would look as if fewer principals had it.",
    refused: inRoles(`authenticated := {"groups": {"Employees"}}`),
    instead: inRoles(`employee := {"groups": {"Employees"}}`),
  },
  "role.cycle": {
    title: "Roles include each other.",
    why: "Each role of the circle would include all the others, so they are one role under several names. Remove one `includes`.",
    refused: inRoles(`lead := {"groups": {"Leads"}, "includes": {"member"}}

member := {"groups": {"Members"}, "includes": {"lead"}}`),
    instead: inRoles(`lead := {"groups": {"Leads"}, "includes": {"member"}}

member := {"groups": {"Members"}}`),
  },
  "role.misplaced_claim": {
    title: "A role has `cognito:groups` or `scope` under `claims`.",
    why: "Groups and scopes have keys of their own, `groups` and `scopes`, with stricter checks: groups must be a list, and the scopes of a user's token give no role. `claims` would skip these checks.",
    refused: inRoles(`auditor := {"claims": {"cognito:groups": {"Auditors"}}}`),
    instead: inRoles(`auditor := {"groups": {"Auditors"}}`),
  },
  "role.out_of_reach": {
    title: "Nobody can hold a role.",
    why: "The role has no group, scope or claim, and no role that somebody holds includes it. A grant for it would never apply, and a denial for it would forbid nobody.",
    refused: inRoles("courier := {}"),
    instead: inRoles(`courier := {"groups": {"Couriers"}}`),
  },
} satisfies ProblemEntries;

/** The codes of `policies/engine/check/conflicts.rego`. */
export const CONFLICTS = {
  "grant.never_applies": {
    title: "A denial covers a grant completely.",
    why: "Denials override grants, so this grant can never allow anything. Either the grant or the denial is not what its author meant. Narrow one of them, or give the denial an `unless`.",
    refused: inArea(`grants["stock"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/stock/{item}"}

denials["stock"] := {"verbs": {"ANY"}, "path": "/stock/{rest+}"}`),
    instead: inArea(`grants["stock"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/stock/{item}"}

denials["stock"] := {"verbs": {"DELETE"}, "path": "/stock/{rest+}"}`),
  },
  "denial.escaped": {
    title: "A principal escapes a denial for some roles by another token.",
    why: "Not every token of a user shows the same. A token without groups has no role but `authenticated`. A `custom:` attribute is in Cognito's ID tokens only: with an access token, an auditor by directory attribute has none of the denial's roles, and still has the groups by which a grant allows her. A machine asks for the scopes that it wants. Leave `roles` out of the denial, or accept one kind of token only: `token_use: id` or `token_use: access` under `custom` in the METADATA of package `access.roles`. The authorizer then refuses users' tokens of the other kind. If one kind would prevent all escapes and the policy names none, the build takes that kind, and prints this code as a notice. The engine finds the escape through a grant for `authenticated`; the build alone finds the others.",
    refused: inArea(`grants["reports"] := {"roles": {"authenticated"}, "verbs": {"GET"}, "path": "/reports/{report}"}

denials["reports"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/reports/salaries"}`),
    instead: inArea(`grants["reports"] := {"roles": {"authenticated"}, "verbs": {"GET"}, "path": "/reports/{report}"}

denials["reports"] := {"verbs": {"GET"}, "path": "/reports/salaries"}`),
  },
} satisfies ProblemEntries;

/** The codes of `build/policy/token-use.ts`. */
export const TOKEN_USE = {
  "token_use.malformed": {
    title: "`custom.token_use` is neither `id` nor `access`, or does not stand above package `access.roles`.",
    why: "It says which kind of Cognito token is accepted of users, for the whole policy. Elsewhere, or with another value, it would have no effect, and readers would rely on it.",
    refused: {
      "access/roles.rego": `# METADATA
# custom:
#   token_use: [id, access]
package access.roles

customer := {"groups": {"Customers"}}\n`,
    },
    instead: {
      "access/roles.rego": `# METADATA
# custom:
#   token_use: id
package access.roles

customer := {"groups": {"Customers"}}\n`,
    },
  },
} satisfies ProblemEntries;

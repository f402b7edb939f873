import { inConditions, inHelpers, type ProblemEntries } from "./entry.ts";

/** The codes of `build/policy/conditions.ts`, `condition-names.ts`, `missing-parameters.ts` and of operands in `address-blocks.ts`. */
export const CONDITIONS = {
  "condition.unknown": {
    title: "A grant or denial names a condition that is not defined.",
    why: "A condition that does not exist is never true, so the grant would never apply and the denial could never be lifted.",
    refused: {
      "access/orders.rego": `grants["pay"] := {"roles": {"customer"}, "verbs": {"POST"}, "path": "/pay", "when": {"in_ofice"}}\n`,
    },
    instead: {
      "access/conditions.rego": `in_office if input.request.source_ip == "203.0.113.7"\n`,
      "access/orders.rego": `grants["pay"] := {"roles": {"customer"}, "verbs": {"POST"}, "path": "/pay", "when": {"in_office"}}\n`,
    },
  },
  "condition.unused": {
    title: "No grant or denial names a condition.",
    why: "A reader would take the condition for a protection that is in force. Name it in `when` or `unless`, or remove it.",
    refused: {
      "access/conditions.rego": `in_store if input.request.source_ip == "203.0.113.8"\n`,
      "access/orders.rego": `grants["sell"] := {"roles": {"customer"}, "verbs": {"POST"}, "path": "/sell"}\n`,
    },
    instead: {
      "access/conditions.rego": `in_store if input.request.source_ip == "203.0.113.8"\n`,
      "access/orders.rego": `grants["sell"] := {"roles": {"customer"}, "verbs": {"POST"}, "path": "/sell", "when": {"in_store"}}\n`,
    },
  },
  "condition.missing_parameter": {
    title: "A condition reads a parameter that the path of its grant or denial lacks.",
    why: "A condition gets the parameters of the path that it is named for. Each of its rules reads one that this path does not have, so the condition would never be true: the grant would never apply, and nothing would lift the denial.",
    refused: {
      "access/conditions.rego": `of_own_team if input.params.team == input.principal.claims["custom:team"]\n`,
      "access/orders.rego": `grants["members"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/teams/{team}/members", "when": {"of_own_team"}}

grants["team"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/teams/{team_id}", "when": {"of_own_team"}}
`,
    },
    instead: {
      "access/conditions.rego": `of_own_team if input.params.team == input.principal.claims["custom:team"]\n`,
      "access/orders.rego": `grants["members"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/teams/{team}/members", "when": {"of_own_team"}}

grants["team"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/teams/{team}", "when": {"of_own_team"}}
`,
    },
  },
  "condition.malformed": {
    title: "A rule in `access.conditions` is not a condition.",
    why: "A condition is a rule `name if …` with a name of one part. The engine looks it up by that name and passes no arguments, so a function, a set or an object can't be a condition. Such helpers belong in package `access_lib`.",
    refused: {
      "access/conditions.rego": `in_region if is_region(input.request.stage)

is_region(stage) if stage == "eu"
`,
      "access/orders.rego": `grants["tax"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/tax", "when": {"in_region"}}\n`,
    },
    instead: inHelpers(`in_region if access_lib.is_region(input.request.stage)`, `is_region(stage) if stage == "eu"`),
  },
  "condition.not_true": {
    title: "A condition has another value than true.",
    why: "A condition is true or undefined. With other values, a reader would have to know which of them count.",
    refused: inConditions(`has_level := "high" if input.principal.claims.level == "9"`),
    instead: inConditions(`has_level if input.principal.claims.level == "9"`),
  },
  "condition.hides_builtin": {
    title: "A condition has the name of a built-in function.",
    why: "Inside the file the name would mean the condition, and other rules that call the function would get something else. Give the condition a name of its own.",
    refused: inConditions(`count if input.request.stage == "day"`),
    instead: inConditions(`by_day if input.request.stage == "day"`),
  },
  "condition.address_block": {
    title: "The address block of `net.cidr_contains` is sent by the caller.",
    why: "OPA and WebAssembly read texts that are nearly address blocks differently. So blocks are written out, or are base data, where the build checks them.",
    refused: inConditions(
      `in_network if net.cidr_contains(input.principal.claims["custom:network"], input.request.source_ip)`,
    ),
    instead: {
      "access/conditions.rego": `in_network if {
	some block in data.data.networks[input.principal.claims["custom:network"]]
	net.cidr_contains(block, input.request.source_ip)
}
`,
      "data/networks.yaml": "networks:\n  north: [203.0.113.0/24]\n  south: [198.51.100.0/24]\n",
    },
  },
  "condition.address": {
    title: "The address of `net.cidr_contains` may be no address.",
    why: "OPA and WebAssembly read texts that are nearly addresses differently: `10.1.2.3/8/8` is in `10.0.0.0/8` for one of them. The authorizer checks `input.request.source_ip`. `values.address(…)` is undefined for every text that is not exactly an IPv4 or IPv6 address.",
    refused: inConditions(`near if net.cidr_contains("203.0.113.0/24", input.request.headers["x-real-ip"][0])`),
    instead: inConditions(
      `near if net.cidr_contains("203.0.113.0/24", values.address(input.request.headers["x-real-ip"][0]))`,
    ),
  },
} satisfies ProblemEntries;

/** The codes of `build/policy/input-references.ts`. */
export const INPUT = {
  "input.incomplete_reference": {
    title: "A condition reads a part of the input without naming the field.",
    why: "The authorizer gives the policy only the fields that it reads, and the decision log shows only these. A reference that stops at an object, or goes on with a variable, would need the whole object. Name the field, and give helpers the value instead of the object around it.",
    refused: inConditions(`has_flag if "beta" in input.principal.claims`),
    instead: inConditions(`has_flag if "beta" in input.principal.claims["custom:flags"]`),
  },
  "input.unknown_parameter": {
    title: "A condition reads a path parameter that no path has.",
    why: "No grant or denial with a condition has the parameter in its path. The parameter would always be missing, and the condition would never be true.",
    refused: inConditions(`owns_it if input.params.idd == input.principal.claims["custom:item"]`),
    instead: inConditions(`owns_it if input.params.id == input.principal.claims["custom:item"]`),
  },
  "input.unknown_time_zone": {
    title: "A condition reads the calendar of a time zone that does not exist.",
    why: "The authorizer computes the calendar of the zones that conditions read, by their IANA names. An offset such as `+01:00` is not a zone: it has no summer time. The field would always be missing, and the condition would never be true.",
    refused: inConditions(`by_day if input.calendar["Europe/Berlyn"].hour >= 7`),
    instead: inConditions(`by_day if input.calendar["Europe/Berlin"].hour >= 7`),
  },
  "input.token_header": {
    title: "A condition reads the header that carries the token.",
    why: "The authorizer verifies the token and gives conditions its claims. The token itself is a secret: it is neither given to the policy nor logged.",
    refused: inConditions(`is_partner if "Bearer partner" in input.request.headers.authorization`),
    instead: inConditions(`is_partner if input.principal.claims["custom:kind"] == "partner"`),
  },
  "input.ambiguous": {
    title: "A condition reads `input.request.ambiguous`.",
    why: "The field lists the headers and query parameters with several values, for the engine and the decision log. A condition that reads one of them is not true. The field is missing in other requests, so a condition that reads it could only hold for ambiguous ones.",
    refused: inConditions(`is_odd if "is_odd" in input.request.ambiguous["headers.x-shade"]`),
    instead: inConditions(`is_odd if "blue" in input.request.headers["x-shade"]`),
  },
  "input.header_case": {
    title: "A condition writes the name of a header with capital letters.",
    why: "Names of headers are case-insensitive in HTTP, and the authorizer gives all of them in lower case. A name with capital letters would always be missing.",
    refused: inConditions(`is_blue if "blue" in input.request.headers["X-Tenant"]`),
    instead: inConditions(`is_blue if "blue" in input.request.headers["x-tenant"]`),
  },
} satisfies ProblemEntries;

/** The codes of `build/policy/caller-references.ts`. */
export const CALLER = {
  "caller.computed_name": {
    title: "`caller.has_role` or `caller.values` is called with a name that is not written out.",
    why: "The authorizer gives the policy only the claims that it reads, and the build finds them in the text. It could not know which role or claim a variable names. Write the string where the function is called; a helper takes the result.",
    refused: inHelpers(
      `has_desk if access_lib.is_at("custom:desks")`,
      `is_at(claim) if input.request.stage in caller.values(claim)`,
    ),
    instead: inHelpers(
      `has_desk if access_lib.is_at(caller.values("custom:desks"))`,
      `is_at(desks) if input.request.stage in desks`,
    ),
  },
  "caller.unknown_role": {
    title: "A condition asks for a role that is not defined.",
    why: "Nobody holds a role that does not exist, so the condition would never be true. The name is misspelt, or the role was renamed.",
    refused: inConditions(`is_client if caller.has_role("custommer")`),
    instead: inConditions(`is_client if caller.has_role("customer")`),
  },
} satisfies ProblemEntries;

/** The codes of `build/policy/declared-fields.ts`. */
export const REQUIRED = {
  "required.wrong_type": {
    title: "`custom.required` in the METADATA of a condition is not a list of strings.",
    why: "The list names the headers and query parameters that every request has, so that API Gateway may have them in its cache key. The build can't read any other form.",
    refused: inConditions(`# METADATA
# custom:
#   required: request.headers.x-shop
of_shop if "north" in input.request.headers["x-shop"]`),
    instead: inConditions(`# METADATA
# custom:
#   required: [request.headers.x-shop]
of_shop if "north" in input.request.headers["x-shop"]`),
  },
  "required.not_a_source": {
    title: "`custom.required` names something that is neither a header nor a query parameter.",
    why: "Only headers and query parameters can be missing from a request. The build knows the other identity sources of a condition by itself. Write `request.headers.<name>` or `request.query.<name>`.",
    refused: inConditions(`# METADATA
# custom:
#   required: [headers.x-zone]
of_zone if "north" in input.request.headers["x-zone"]`),
    instead: inConditions(`# METADATA
# custom:
#   required: [request.headers.x-zone]
of_zone if "north" in input.request.headers["x-zone"]`),
  },
  "required.not_read": {
    title: "`custom.required` names a header or query parameter that the condition does not read.",
    why: "API Gateway would refuse every request without it, though the decision does not depend on it. The name is misspelt, or left over from an earlier version.",
    refused: inConditions(`# METADATA
# custom:
#   required: [request.headers.x-unit]
of_unit if "north" in input.request.headers["x-section"]`),
    instead: inConditions(`# METADATA
# custom:
#   required: [request.headers.x-section]
of_unit if "north" in input.request.headers["x-section"]`),
  },
} satisfies ProblemEntries;

/** The codes of `build/policy/multiple-values.ts`. */
export const MULTIPLE = {
  "multiple.wrong_type": {
    title: "`custom.multiple` in the METADATA of a condition is not a list of strings.",
    why: "The list names the headers and query parameters of which a request may have several values. The build can't read any other form.",
    refused: inConditions(`# METADATA
# custom:
#   multiple: request.headers.x-tags
of_tags if "north" in input.request.headers["x-tags"]`),
    instead: inConditions(`# METADATA
# custom:
#   multiple: [request.headers.x-tags]
of_tags if values.all_in(input.request.headers["x-tags"], {"north", "south"})`),
  },
  "multiple.not_a_source": {
    title: "`custom.multiple` names something that is neither a header nor a query parameter.",
    why: "Only headers and query parameters can be repeated in a request. Write `request.headers.<name>` or `request.query.<name>`.",
    refused: inConditions(`# METADATA
# custom:
#   multiple: [query.label]
of_labels if "north" in input.request.query.label`),
    instead: inConditions(`# METADATA
# custom:
#   multiple: [request.query.label]
of_labels if values.all_in(input.request.query.label, {"north", "south"})`),
  },
  "multiple.not_read": {
    title: "`custom.multiple` names a header or query parameter that the condition does not read.",
    why: "It would have no effect, and a reader would rely on it. The name is misspelt, or left over from an earlier version.",
    refused: inConditions(`# METADATA
# custom:
#   multiple: [request.headers.x-marks]
of_marks if "north" in input.request.headers["x-mark"]`),
    instead: inConditions(`# METADATA
# custom:
#   multiple: [request.headers.x-mark]
of_marks if values.all_in(input.request.headers["x-mark"], {"north", "south"})`),
  },
  "multiple.any_value": {
    title: "A condition is met by any one of several values.",
    why: "A caller can send a header or query parameter again. If one good value is enough, the caller adds it, and the back end may obey another value. So where `custom.multiple` says that there may be several, conditions and helpers pass the field itself to `values.all_in(…)`, which looks at each value, and read it in no other way.",
    refused: inConditions(`# METADATA
# custom:
#   multiple: [request.headers.x-teams]
of_teams if "north" in input.request.headers["x-teams"]`),
    instead: inConditions(`# METADATA
# custom:
#   multiple: [request.headers.x-teams]
of_teams if values.all_in(input.request.headers["x-teams"], {"north", "south"})`),
  },
  "multiple.not_declared": {
    title: "A condition tests all values of a header or query parameter, and does not say that there may be several.",
    why: "Without `custom.multiple`, a header or query parameter with several values is missing. All conditions get one input, so each condition that reads the field has to say the same.",
    refused: inConditions(`of_zones if values.all_in(input.request.query.zone, {"north", "south"})`),
    instead: inConditions(`# METADATA
# custom:
#   multiple: [request.query.zone]
of_zones if values.all_in(input.request.query.zone, {"north", "south"})`),
  },
  "multiple.required": {
    title: "A header or query parameter is both `required` and `multiple`.",
    why: "`required` puts it into the cache key, and AWS does not document which of several values is there. A response for some values could be applied to others.",
    refused: inConditions(`# METADATA
# custom:
#   required: [request.headers.x-lines]
#   multiple: [request.headers.x-lines]
of_lines if values.all_in(input.request.headers["x-lines"], {"north", "south"})`),
    instead: inConditions(`# METADATA
# custom:
#   multiple: [request.headers.x-lines]
of_lines if values.all_in(input.request.headers["x-lines"], {"north", "south"})`),
  },
} satisfies ProblemEntries;

/** The codes of `build/policy/late-by.ts`. */
export const LATE_BY = {
  "late_by.out_of_range": {
    title: "`custom.late_by` in the METADATA of a condition is not a whole number from 1 to 3600.",
    why: "It says for how many seconds API Gateway may cache a response that depends on the time. API Gateway caches no response for longer than an hour. Without the key, it caches none.",
    refused: inConditions(`# METADATA
# custom:
#   late_by: 1m
is_open if input.now_s < values.number(input.principal.claims["custom:until"])`),
    instead: inConditions(`# METADATA
# custom:
#   late_by: 60
is_open if input.now_s < values.number(input.principal.claims["custom:until"])`),
  },
  "late_by.no_time": {
    title: "`custom.late_by` stands above a rule that is not a condition, or does not read the time.",
    why: "It would have no effect: only what conditions read of `input.now_s` and `input.calendar` changes while a response is cached. Readers would rely on it.",
    refused: inConditions(`# METADATA
# custom:
#   late_by: 60
in_wing if input.request.source_ip == "203.0.113.9"`),
    instead: inConditions(`in_wing if input.request.source_ip == "203.0.113.9"`),
  },
} satisfies ProblemEntries;

/** The codes of `build/policy/call-types.ts` and `address-blocks.ts`. */
export const UNSATISFIABLE = {
  "unsatisfiable.header_as_text": {
    title: "A condition treats a header or query parameter as a string.",
    why: "A header or query parameter is the list of all its values. A list never equals a string, and functions for strings are undefined for it, so the condition would never be true; nor for a claim that is a string. Look for the value in the list.",
    refused: inConditions(`on_v2 if input.request.headers["x-version"] == "v2"`),
    instead: inConditions(`on_v2 if "v2" in input.request.headers["x-version"]`),
  },
  "unsatisfiable.claim_is_text": {
    title: "A condition treats a custom attribute of Cognito as a number or as true or false.",
    why: "Cognito writes all `custom:` attributes into tokens as text, numbers and booleans too. A text never equals a number or `true`, so the condition would never be true. `values.number(…)` is the number that a text spells. A claim that a trigger adds with another type needs another name.",
    refused: inConditions(`has_level_3 if input.principal.claims["custom:level"] == 3`),
    instead: inConditions(`has_level_3 if values.number(input.principal.claims["custom:level"]) == 3`),
  },
  "unsatisfiable.types": {
    title: "A condition compares values whose types differ, or looks for something in a text.",
    why: "A text never equals a list, and `in` looks into lists, sets and objects only, so the condition would never be true. OPA itself reports some of these, as `opa.type`.",
    refused: inConditions(`on_the_tour if "tour" in input.request.path`),
    instead: inConditions(`on_the_tour if contains(input.request.path, "tour")`),
  },
  "unsatisfiable.text": {
    title: "A condition compares a field, or text in small letters, with a text that it never is.",
    why: "Weekdays, methods and kinds are a few words, a date is written in one way, and a header with a comma has several values. With any other text, `==` and `in` would never be true, and `!=` would hold of every request.",
    refused: inConditions(`not_on_sunday if input.calendar.UTC.weekday != "Sunday"`),
    instead: inConditions(`not_on_sunday if input.calendar.UTC.weekday != "sunday"`),
  },
  "unsatisfiable.address_block": {
    title: "The first operand of `net.cidr_contains` is not an address block.",
    why: "The block comes first, and has an address, a slash and a number of bits. An IPv4-mapped IPv6 block would mean one thing in OPA and another in the authorizer. The condition would never be true.",
    refused: inConditions(`on_site if net.cidr_contains("203.0.113.0", input.request.source_ip)`),
    instead: inConditions(`on_site if net.cidr_contains("203.0.113.0/24", input.request.source_ip)`),
  },
} satisfies ProblemEntries;

import { inConditions, inHelpers, type ProblemEntry } from "./entry.ts";

/** A form of Rego that could make a condition true though a value is missing or mistyped. */
export interface RefusedForm extends ProblemEntry {
  /** Says what the form does, and what to write instead. */
  readonly message: string;
}

/** The codes of `build/policy/fail-open.ts`: forms of statements and terms, and the METADATA of a rule. */
export const FAIL_OPEN_FORMS = {
  "condition.not": {
    title: "A rule uses `not`.",
    message:
      "`not` holds when the value that it reads is missing; test for the good value instead, or write a block list as `not input.principal.id in data.data.blocked`",
    why: "`not x` is true when `x` is undefined, and it is undefined when the claim that it reads is missing. A token without the claim would get what the author meant for a token with a good one. A block list is taken: `not x in data.data.…`, where `x` is the id of the principal, the method or the path, or a variable that the rule assigns a parameter or a field of the request. No claim can be missing from it, and the build checks that the list is there and has texts.",
    refused: inConditions(`is_active if not input.principal.claims["custom:suspended"] == true`),
    instead: inConditions(`is_active if input.principal.claims["custom:status"] == "active"`),
  },
  "condition.not_equal": {
    title: "A rule uses `!=`.",
    message:
      "`!=` holds between values of different types, such as null and a string; test for the good values with `==` or `in`; two texts that no claim makes can be compared, as in input.params.user_id != input.principal.id",
    why: '`status != "suspended"` is true of null, of 7 and of every value that the author did not think of. Name the values that are good. Between fields of the request, parameters, the first value of a header or query parameter, fields of the principal and literals, `!=` is taken: all of these are text, and without one of them it is undefined.',
    refused: inConditions(`may_buy if input.principal.claims["custom:status"] != "suspended"`),
    instead: inConditions(`may_buy if input.principal.claims["custom:status"] in {"active", "new"}`),
  },
  "condition.every": {
    title: "A rule uses `every`.",
    message:
      "`every` holds for an empty list; test for one item with `some` or `in`, all of them with `values.all_in(…)` of data.engine.values, or compare the value as a whole",
    why: "A list without items has no bad item. A token with an empty list would get what the author meant for a list of good items.",
    refused: inConditions(`all_good if every team in input.principal.claims["custom:teams"] { team == "red" }`),
    instead: inConditions(`all_good if input.principal.claims["custom:teams"] == ["red"]`),
  },
  "condition.default": {
    title: "A rule has a `default`.",
    message: "`default` gives a rule a value when everything that it reads is missing; leave it out",
    why: "A condition that is not true is undefined, so it allows nothing. With a default, a rule would have a value for every request.",
    refused: inConditions(`default is_member := true

is_member if input.principal.claims["custom:member"] == "yes"`),
    instead: inConditions(`is_member if input.principal.claims["custom:member"] == "yes"`),
  },
  "condition.else": {
    title: "A rule has an `else`.",
    message:
      "`else` applies when the rule before it does not, for example because a value is missing; write a second rule of that name",
    why: "The part after `else` is tried when the first part is not true, and a missing value is one reason for that. Two rules of one name are two ways to be true, and each tests the values that it needs.",
    refused: inConditions(`is_near if {
	input.principal.claims["custom:site"] == "north"
} else if {
	input.principal.claims["custom:site"] == "south"
}`),
    instead: inConditions(`is_near if input.principal.claims["custom:site"] == "north"

is_near if input.principal.claims["custom:site"] == "south"`),
  },
  "condition.with": {
    title: "A rule uses `with`.",
    message: "`with` replaces values that were sent; leave it out",
    why: "A condition decides about the request that was sent. With `with`, it would decide about another one. Tests may use it.",
    refused: inConditions(`is_stage if is_live with input.request.stage as "live"

is_live if input.request.stage == "live"`),
    instead: inConditions(`is_stage if is_live

is_live if input.request.stage == "live"`),
  },
  "condition.unification": {
    title: "A rule uses `=`.",
    message: "`=` compares or assigns, depending on the names around it; write `==` or `:=`",
    why: "If a name on one side has no value yet, `=` gives it one and holds. A test would silently become an assignment.",
    refused: inConditions(`is_lead if input.principal.claims["custom:rank"] = "lead"`),
    instead: inConditions(`is_lead if input.principal.claims["custom:rank"] == "lead"`),
  },
  "condition.bare_value": {
    title: "A value alone is used as a test.",
    message:
      'a value by itself holds unless it is false, so null and "false" hold; compare it with the good value, or ask for any text by values.has_text(…) of data.engine.values',
    why: 'In Rego only `false` and undefined fail. Cognito sends attributes as strings, so the claim `"false"` would count as true.',
    refused: inConditions(`is_verified if input.principal.claims.email_verified`),
    instead: inConditions(`is_verified if input.principal.claims.email_verified == true`),
  },
  "condition.empty_value": {
    title: "A value is compared with null, an empty string or an empty list.",
    message:
      "null and empty values count as missing, also inside lists and objects; test for the good value, or for any by values.has_text(…) of data.engine.values",
    why: "A claim that is null or empty has no value. A condition that is true of it would be true of a token without the value.",
    refused: inConditions(`is_clear if input.principal.claims["custom:strikes"] == []`),
    instead: inConditions(`is_clear if input.principal.claims["custom:record"] == "clear"`),
  },
  "condition.untyped_comparison": {
    title: "Two values are compared, and both can be null, empty or of a wrong type.",
    message:
      "two values that are both empty, or both mistyped, are equal; compare with a literal, a parameter, a field of the request, or base data that has no empty list or object, or wrap one value in values.text(…) or values.number(…) of data.engine.values",
    why: "Two claims that are both null are equal. `values.text(…)` is defined for strings that are not empty, and `values.number(…)` for numbers. With one of them, at least one of the two values is present.",
    refused: inConditions(
      `same_unit if input.principal.claims["custom:unit"] == input.principal.claims["custom:home"]`,
    ),
    instead: inConditions(
      `same_unit if values.text(input.principal.claims["custom:unit"]) == input.principal.claims["custom:home"]`,
    ),
  },
  "condition.ordering": {
    title: "`<`, `<=`, `>` or `>=` compares something that may not be a number.",
    message:
      "Rego puts every string above every number; wrap a value that may not be a number in values.number(…) of data.engine.values; times are ordered as seconds since 1970, and dates as text can only be equal",
    why: '`level >= 3` is true of the level `"0"`, since Rego orders values of different types. `values.number(…)` is defined for numbers, and for strings that spell one.',
    refused: inConditions(`is_senior if input.principal.claims["custom:level"] >= 3`),
    instead: inConditions(`is_senior if values.number(input.principal.claims["custom:level"]) >= 3`),
  },
  "condition.one_sided_age": {
    title: "An age has an upper limit only.",
    message:
      "a time in the future, or in milliseconds, is less than any number of seconds ago; write values.within(input.now_s, …, 3600) of data.engine.values, or also test that the age is not below zero",
    why: "`input.now_s - x < 3600` is true of every `x` that is greater than `input.now_s`. An issuer with a wrong clock, or one that writes milliseconds, would give its users what the author meant for those who signed in a moment ago. `values.within` is true only of a time that has passed, give or take a minute, and is at most so many seconds ago. The times `auth_time`, `iat` and `nbf` may be written in the short form, since the authorizer gives the policy none that is in the future.",
    refused: inConditions(
      `is_fresh if input.now_s - values.number(input.principal.claims["custom:verified_at"]) < 3600`,
    ),
    instead: inConditions(`is_fresh if values.within(input.now_s, input.principal.claims["custom:verified_at"], 3600)`),
  },
  "condition.difference": {
    title: "`-` subtracts something that may not be a number.",
    message:
      "`-` also removes items from a set, and that result can match because a value is missing; wrap a value that may not be a number in values.number(…) of data.engine.values",
    why: "The difference of two sets has all items that are missing from the second set. A comparison with it is like `not`.",
    refused: inConditions(`is_free if {"held"} - {input.request.stage} == {"held"}`),
    instead: inConditions(`is_free if input.request.stage == "free"`),
  },
  "condition.intersection": {
    title: "A rule uses `&`.",
    message: "the intersection of two sets is empty when a value is missing; test for an item with `some` or `in`",
    why: "Two sets without common items have an empty intersection, which is defined and can be compared. A token without the claim would give the same.",
    refused: inConditions(`has_some if {"a", "b"} & {input.request.stage} == {"a"}`),
    instead: inConditions(`has_some if input.request.stage in {"a", "b"}`),
  },
  "condition.count": {
    title: "`count` counts something that may not be a list.",
    message: "`count` is defined for strings and empty values, too; test for an item with `some` or `in`",
    why: '`count` of `""` is 0, and of a string it is the number of characters. A header, a query parameter and a list in the base data may be counted, since nobody can send them as another type.',
    refused: inConditions(`has_two if count(input.principal.claims["custom:keys"]) == 2`),
    instead: inConditions(`has_two if "second" in input.principal.claims["custom:keys"]`),
  },
  "condition.untyped_substring": {
    title: "A string is searched for a value that may be empty.",
    message:
      "every string contains, starts with and ends with the empty string; look for a literal or a parameter, or wrap the value in values.text(…) of data.engine.values",
    why: '`startswith(x, "")` is true of every string. `values.text(…)` is defined only for strings that are not empty.',
    refused: inConditions(`under_it if startswith(input.request.path, input.principal.claims["custom:prefix"])`),
    instead: inConditions(
      `under_it if startswith(input.request.path, values.text(input.principal.claims["custom:prefix"]))`,
    ),
  },
  "condition.hidden_value": {
    title: "A value that may be empty is a part of a text, or says how a text is cut.",
    message:
      "an empty value does not show in this result: `concat` of an empty part is still a text; wrap each value that may be empty in values.text(…) of data.engine.values, or write it out",
    why: '`concat("", ["/tenants/", tenant])` is `"/tenants/"` if the tenant is empty, and every path of every tenant starts with that. `values.text(…)` around the whole proves nothing about its parts. With `values.text(…)` around each claim, the text is undefined if one of them is missing.',
    refused: inConditions(
      `in_tenant if startswith(input.request.path, concat("", ["/tenants/", input.principal.claims["custom:tenant"]]))`,
    ),
    instead: inConditions(
      `in_tenant if startswith(input.request.path, concat("", ["/tenants/", values.text(input.principal.claims["custom:tenant"]), "/"]))`,
    ),
  },
  "condition.position": {
    title: "A text is cut at a position that may not be a number.",
    message:
      "a position says how much is cut off, and does not show in the result; write the number out, or wrap the value in values.number(…) of data.engine.values",
    why: '`substring("blue", 0, length) == "blue"` is true of every length from 4 on. A claim there would say how much of a text is compared.',
    refused: inConditions(`has_code if substring(input.request.path, 1, input.principal.claims.length) == "code"`),
    instead: inConditions(`has_code if substring(input.request.path, 1, 4) == "code"`),
  },
  "condition.empty_type": {
    title: "A test of a type is given a value that may be empty.",
    message:
      'an empty value has a type, too: `is_string("")` and `is_array([])` are true; ask for a text by values.has_text(…) of data.engine.values, or for one value by `some x in …` and a test of it',
    why: '`is_string(tenant)` is true of a tenant that is `""`. `values.has_text(tenant)` is true of a text that is not empty, and means "has a value".',
    refused: inConditions(`has_tenant if is_string(input.principal.claims["custom:tenant"])`),
    instead: inConditions(`has_tenant if values.has_text(input.principal.claims["custom:tenant"])`),
  },
  "condition.untyped_key": {
    title: "A value that may be empty is a key of something else that may be empty.",
    message:
      "an object in a token can have an empty key, which an empty value would find; write the key out, wrap it in values.text(…) of data.engine.values, or look into base data",
    why: '`limits[plan]` has a value for the plan `""` if `limits` is a claim like `{"": 3}`. Base data has no empty key, so that a claim may be a key there.',
    refused: inConditions(
      `has_limit if input.principal.claims["custom:limits"][input.principal.claims["custom:plan"]] == "high"`,
    ),
    instead: inConditions(
      `has_limit if input.principal.claims["custom:limits"][values.text(input.principal.claims["custom:plan"])] == "high"`,
    ),
  },
  "condition.nested_test": {
    title: "A test is inside another expression.",
    message: "a test inside another expression can be negated, as by `not`; write it on a line of its own",
    why: '`("bad" in flags) == false` is true when `flags` is null. A test on a line of its own can only hold or fail.',
    refused: inConditions(`is_okay if ("bad" in input.principal.claims["custom:flags"]) == false`),
    instead: inConditions(`is_okay if "good" in input.principal.claims["custom:flags"]`),
  },
  "condition.comprehension": {
    title: "A rule builds a list, set or object with a comprehension.",
    message:
      "a comprehension is defined, and empty, when the values that it reads are missing; test for an item with `some`",
    why: "A comprehension is never undefined: over a missing list it is empty. So a test of it could be true of a token without the claim.",
    refused: inConditions(`is_listed if "red" in {team | some team in input.principal.claims["custom:all_teams"]}`),
    instead: inConditions(`is_listed if {
	some team in input.principal.claims["custom:all_teams"]
	team == "red"
}`),
  },
  "condition.collection": {
    title: "A helper collects a set or an object.",
    message:
      "this helper collects a set or an object, which is defined, and empty, when the values that it reads are missing; write a complete rule or a function",
    why: "A rule with `contains`, or with a key in brackets, is never undefined: without items it is the empty set or object. A complete rule or a function is undefined when a value is missing.",
    refused: inHelpers(
      `is_owner if "owner" in access_lib.titles`,
      `titles contains "owner" if "owner" in input.principal.claims["custom:titles"]`,
    ),
    instead: inHelpers(
      `is_owner if access_lib.has_title("owner")`,
      `has_title(title) if values.text(title) in input.principal.claims["custom:titles"]`,
    ),
  },
  "condition.constructed_value": {
    title: "A list, set or object is built from a value that may be null or mistyped.",
    message:
      "a list, set or object that a rule builds is defined even if the value in it is null or mistyped; test the value itself",
    why: '`"gold" in [x, "gold"]` is true whatever `x` is. It tests the list that the rule has built, and not the token.',
    refused: inConditions(`has_badge if "gold" in [input.principal.claims["custom:badge"], "gold"]`),
    instead: inConditions(`has_badge if input.principal.claims["custom:badge"] == "gold"`),
  },
  "condition.ignored_value": {
    title: "A rule takes a value and does not test it.",
    message: "this matches every value, also null and empty ones; name the value and test it",
    why: "`_`, and a name that is never used, match null as well as a good value. A function that ignores its argument is true of every token.",
    refused: inConditions(`has_group if some _ in input.principal.claims["custom:groups"]`),
    instead: inConditions(`has_group if {
	some group in input.principal.claims["custom:groups"]
	startswith(group, "team-")
}`),
  },
  "condition.repeated_variable": {
    title: "A pattern uses one name for two values.",
    message:
      "a name that is there twice requires two equal values, and two that are both null or mistyped are equal; give each a name and compare them",
    why: "`same(x, x)` is true of two nulls. With two names, the comparison is on a line of its own, where one of the values must be known to be present.",
    refused: inHelpers(
      `is_same if access_lib.is_pair(input.principal.claims["custom:one"], input.principal.claims["custom:two"])`,
      `is_pair(x, x) if x in {"a", "b"}`,
    ),
    instead: inHelpers(
      `is_same if access_lib.are_equal(input.principal.claims["custom:one"], input.principal.claims["custom:two"])`,
      `are_equal(one, two) if values.text(one) == two`,
    ),
  },
  "condition.division": {
    title: "A number is divided by something that may be zero.",
    message: "a division by zero ends the evaluation; divide by a literal number other than zero",
    why: "The authorizer would answer 500. A claim must not be able to cause that.",
    refused: inConditions(`is_half if 10 / values.number(input.principal.claims["custom:share"]) == 2`),
    instead: inConditions(`is_half if values.number(input.principal.claims["custom:share"]) / 10 == 2`),
  },
  "condition.inexact_number": {
    title: "A number is too large, or has too many digits, to be the same everywhere.",
    message:
      "WebAssembly rounds this number, and OPA does not; write a whole number of at most 9007199254740991, at most 15 digits if it has a fraction, or compare text",
    why: "Above 2^53, a number and the next one are equal in the authorizer and not in OPA, so a test could pass that proves nothing. The policy gets no such number of a token either: the claim counts as missing. Write numbers that are names, such as account numbers, as text.",
    refused: inConditions(`is_it if values.number(input.principal.claims["custom:number"]) == 9007199254740993`),
    instead: inConditions(`is_it if input.principal.claims["custom:number"] == "9007199254740993"`),
  },
  "condition.rounding": {
    title: "A calculation has a fraction, which OPA and WebAssembly round differently.",
    message:
      "OPA and WebAssembly round fractions differently, and floor(…) of a number below zero, too; calculate with whole numbers: multiply the other side instead of dividing, and compare the difference itself instead of floor(…) of it",
    why: "`x / 3 * 3 == x` and `0.1 * 3 == 0.3` hold in one of the two and not in the other, and `floor(-0.5)` is 0 in OPA and -1 in WebAssembly. So a test could pass in OPA, and the authorizer would decide otherwise. A quotient may be compared with a whole number, and `floor` may be taken of the time, of numbers of the calendar, of counts, and of what follows from them without `-`.",
    refused: inConditions(`is_third if values.number(input.principal.claims["custom:part"]) / 3 * 3 == 1`),
    instead: inConditions(`is_third if values.number(input.principal.claims["custom:part"]) == 1`),
  },
  "condition.extra_operand": {
    title: "A function is called with another number of operands than it has.",
    message:
      "this call has the wrong number of operands, and Rego takes an extra one for the result; give the function exactly its operands",
    why: "With one operand too many, Rego takes the last one for the result. The call holds whether the result is true or false, so it tests nothing.",
    refused: inConditions(`has_mark if {
	some mark
	contains("mark", "m", mark)
	mark == true
}`),
    instead: inConditions(`has_mark if contains(input.principal.claims["custom:mark"], "m")`),
  },
  "condition.missing_reason": {
    title: "`opens_when_missing` does not say why.",
    message: "opens_when_missing needs a reason: say why this may hold when a value is missing",
    why: "With `opens_when_missing` in its METADATA, a rule may use every form that this chapter refuses. The manifest of the package lists the rule with its reason, so that reviewers of the release see it.",
    refused: inConditions(`# METADATA
# custom:
#   opens_when_missing: ''
is_unlocked if input.principal.claims["custom:lock"] == "open"`),
    instead: inConditions(`# METADATA
# custom:
#   opens_when_missing: Tokens from before May have no such claim.
is_unlocked if not input.principal.claims["custom:lock"]`),
  },
} satisfies Readonly<Record<string, RefusedForm>>;

/** A code whose message is always the same. */
export type RefusedFormCode = keyof typeof FAIL_OPEN_FORMS;

/** The codes of `build/policy/refused-references.ts`: functions and documents that conditions and helpers can't use. */
export const FAIL_OPEN_NAMES = {
  "condition.function": {
    title: "A condition or helper calls a function that has a result for missing or mistyped values.",
    why: "The functions that conditions can call are undefined for a value of another type, and then the condition is undefined, too. `object.get` gives its default, `to_number(null)` is 0, `max` and `sort` order values of all types. `docs/policy-language.md` lists the functions that conditions can call.",
    refused: inConditions(`has_plan if object.get(input.principal.claims["custom:plan"], "name", "free") == "free"`),
    instead: inConditions(`has_plan if input.principal.claims["custom:plan"].name == "free"`),
  },
  "condition.reference": {
    title: "A condition or helper refers to a document that conditions can't read.",
    why: "Conditions read the input, each other, the helpers and base data, each by its full name. Packages as a whole, roles, grants and the engine are defined for every request, and the build could not tell which fields of the input the condition reads by them.",
    refused: inConditions(`is_known if data.access.roles.customer.groups == {"Customers"}`),
    instead: inConditions(`is_known if "Customers" in input.principal.claims["cognito:groups"]`),
  },
} satisfies Readonly<Record<string, ProblemEntry>>;

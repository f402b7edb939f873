import { inArea, inConditions, type ProblemEntries } from "./entry.ts";

/** The codes of `build/policy/opa-errors.ts`, for errors of OPA. */
export const OPA = {
  "opa.parse": {
    title: "A file has a mistake in its syntax, or is empty.",
    why: "OPA can't read the file, and a policy without this file could lack a denial. The message and the line are OPA's own; the mistake is often a little above the line. A file starts with `package access.<area>`.",
    refused: inArea(`grants["list"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/orders"`),
    instead: inArea(`grants["list"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/orders"}`),
  },
  "opa.type": {
    title: "A comparison or call has values of the wrong types.",
    why: "OPA knows the types of literals, of rules and of the input, whose schema the package names. Values of different types are never equal, so the condition would never be true. OPA reports calls with a missing argument, and two rules of one name that contradict each other, with this code, too.",
    refused: inConditions(`in_the_office if input.request.source_ip == 203`),
    instead: inConditions(`in_the_office if input.request.source_ip == "203.0.113.7"`),
  },
  "opa.undefined_reference": {
    title: "A condition reads a field that the input does not have.",
    why: "The field is misspelt, or the input never has it. Rego itself does not report that: the value would be missing, and the condition would never be true. `docs/policy-language.md` lists the fields.",
    refused: inConditions(`at_the_desk if input.request.sourceIp == "203.0.113.7"`),
    instead: inConditions(`at_the_desk if input.request.source_ip == "203.0.113.7"`),
  },
  "opa.undefined_function": {
    title: "A rule calls a function that does not exist.",
    why: "The name is misspelt, or the file does not import the package that the function is in. A file that uses helpers says `import data.access_lib`; `number` and `text` come with `import data.engine.values`.",
    refused: inConditions(`on_the_list if starts_with(input.principal.claims.email, "list-")`),
    instead: inConditions(`on_the_list if startswith(input.principal.claims.email, "list-")`),
  },
  "opa.function_not_allowed": {
    title: "A rule calls a built-in function of OPA that policies can't call.",
    why: "The authorizer evaluates the policy as WebAssembly, where this function is missing, answers differently than in `opa test`, or makes the module much larger. `docs/policy-language.md` lists the functions that conditions can call.",
    refused: inConditions(`of_the_team if regex.match("^team-", input.principal.claims.email)`),
    instead: inConditions(`of_the_team if startswith(input.principal.claims.email, "team-")`),
  },
  "opa.unsafe_variable": {
    title: "A rule uses a variable that has no value.",
    why: "The name is misspelt, its import is missing, or it is a string without its quotes. Names with a dash need brackets and quotes; without them, Rego reads a subtraction.",
    refused: inConditions(`of_the_app if "v2" in input.request.headers.x-client`),
    instead: inConditions(`of_the_app if "v2" in input.request.headers["x-client"]`),
  },
  "opa.recursion": {
    title: "A rule depends on itself.",
    why: "Rego has no recursion: OPA can't evaluate a rule that needs its own value.",
    refused: inConditions(`trusted if known

known if trusted`),
    instead: inConditions(`trusted if known

known if input.principal.issuer == "https://login.example.com"`),
  },
  "opa.compile": {
    title: "OPA's strict check refuses the file: an unused import or variable, a name that hides another, or the like.",
    why: "An unused name is often a misspelt one: the rule does not read the value that its author meant. The message is OPA's own.",
    refused: inConditions(`of_the_region if {
	region := input.principal.claims["custom:region"]
	input.request.stage == "eu"
}`),
    instead: inConditions(`of_the_region if {
	region := input.principal.claims["custom:region"]
	region == "eu"
}`),
  },
  "opa.other": {
    title: "OPA reports an error of another kind.",
    why: "The message is OPA's own. We know of no policy with this code; please report one.",
    refused: null,
    instead: null,
  },
} satisfies ProblemEntries;

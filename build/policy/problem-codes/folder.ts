import { inArea, inConditions, type ProblemEntries } from "./entry.ts";

const GRANT = `grants["list"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/orders"}`;
const AREA = `package access.orders\n\n${GRANT}\n`;

/** `build/policy/layout.ts`, `assembly.ts` and `packages.ts`. */
export const FOLDER = {
  "layout.missing_folder": {
    title: "The folder of policies, or `access/` in it, does not exist.",
    why: "The build reads grants, denials, roles and conditions from `access/`. If the folder has another name, nothing of it would be in force.",
    refused: { "acces/orders.rego": AREA },
    instead: { "access/orders.rego": AREA },
    isWholeFolder: true,
  },
  "layout.symbolic_link": {
    title: "A file or folder is a symbolic link.",
    why: "OPA follows some links and the build follows none, so a denial behind a link could pass its tests and be missing from the package. Put the file itself into the folder.",
    refused: { "access/returns.rego": { linkTo: "../../shared/returns.rego" } },
    instead: {
      "access/returns.rego": `package access.returns

denials["closed"] := {"verbs": {"ANY"}, "path": "/returns/{rest+}"}
`,
    },
  },
  "layout.folder_name": {
    title: "A folder has a name that ends in `.rego`.",
    why: "The commands leave out everything named `*_test.rego`. A folder with such a name would take the policies in it along, and a denial among them would silently not be in force.",
    refused: {
      "access/returns_test.rego/returns.rego": `package access.returns

denials["closed"] := {"verbs": {"ANY"}, "path": "/returns/{rest+}"}
`,
    },
    instead: {
      "access/returns/returns.rego": `package access.returns

denials["closed"] := {"verbs": {"ANY"}, "path": "/returns/{rest+}"}
`,
    },
  },
  "layout.unread_file": {
    title: "A file is neither a policy nor base data.",
    why: "OPA and the build read policies from files whose names end in `.rego`, in small letters. A denial in any other file would look as if it were in force. Notes may stand in `.md` files.",
    refused: {
      "access/returns.REGO": `package access.returns

denials["closed"] := {"verbs": {"ANY"}, "path": "/returns/{rest+}"}
`,
    },
    instead: {
      "access/returns.rego": `package access.returns

denials["closed"] := {"verbs": {"ANY"}, "path": "/returns/{rest+}"}
`,
    },
  },
  "layout.data_elsewhere": {
    title: "A JSON or YAML file stands outside of `data/`.",
    why: "OPA would load such a file at the path of its folder, among the rules of the policy, and the build would not pack it. Grants, denials and roles are written in Rego. Base data that conditions read belongs in `data/`.",
    refused: { "limits.json": `{"tenants": ["blue", "green"]}\n` },
    instead: { "data/limits.json": `{"tenants": ["blue", "green"]}\n` },
  },
  "layout.data_format": {
    title: "A file in `data/` is neither JSON nor YAML.",
    why: "OPA reads base data from files whose names end in `.json`, `.yaml` or `.yml`. The conditions would find nothing where they look for the values of any other file.",
    refused: { "data/limits.toml": `tenants = ["blue", "green"]\n` },
    instead: { "data/limits.yaml": "tenants: [blue, green]\n" },
  },
  "engine.altered": {
    title: "The folder holds an engine that differs from this version's.",
    why: "The product's own engine decides, whatever stands beside the policies. A changed copy would mislead everybody who reads it, since it changes nothing. Remove it; an unchanged copy may stay.",
    refused: { "engine/decision.rego": `package engine\n\ndecision := {"effect": "allow"}\n` },
    instead: inArea(GRANT),
  },
  "package.unknown": {
    title: "A file has a package that the product does not know.",
    why: "The package says what a file holds: `access.<area>` for grants and denials, `access.roles`, `access.conditions`, `access_lib` for helpers, `access_test.<area>` for tests. The engine does not look into any other package, so a denial there would do nothing.",
    refused: {
      "access/returns.rego": `package returns

denials["closed"] := {"verbs": {"ANY"}, "path": "/returns/{rest+}"}
`,
    },
    instead: {
      "access/returns.rego": `package access.returns

denials["closed"] := {"verbs": {"ANY"}, "path": "/returns/{rest+}"}
`,
    },
  },
  "package.missing_schema": {
    title: "A package reads `input` without naming its schema.",
    why: "OPA finds misspelt fields of the input only where the METADATA of the package names the schema. Without it, a condition that reads `input.request.sourceIp` would build, and would never be true.",
    refused: {
      "access/conditions.rego": `package access.conditions

in_the_office if input.request.source_ip == "203.0.113.7"
`,
    },
    instead: {
      "access/conditions.rego": `# METADATA
# schemas:
# - input: schema.input
package access.conditions

in_the_office if input.request.source_ip == "203.0.113.7"
`,
    },
  },
} satisfies ProblemEntries;

/** `build/policy/base-data.ts`, and what OPA says about files of base data. */
export const BASE_DATA = {
  "data.empty": {
    title: "A value of the base data is null or an empty text.",
    why: "A claim without a value is null or an empty text as well, so that comparing the two would be true of a token that says nothing. Leave the value out.",
    refused: { "data/partner.json": `{"tenant": ""}\n` },
    instead: { "data/partner.json": `{"tenant": "blue"}\n` },
  },
  "data.malformed": {
    title: "A file in `data/` has a mistake in its syntax.",
    why: "OPA can't read the file, so no condition could be evaluated. The message is OPA's own.",
    refused: { "data/limits.json": `{"tenants": ["blue", ]}\n` },
    instead: { "data/limits.json": `{"tenants": ["blue"]}\n` },
  },
  "data.conflict": {
    title: "Two files give one base datum different values, or a rule defines it too.",
    why: "All files in `data/` make up one document. Where two of them disagree, OPA loads neither. The message is OPA's own.",
    refused: { "data/eu.json": `{"tenants": ["blue"]}\n`, "data/us.json": `{"tenants": ["green"]}\n` },
    instead: { "data/eu.json": `{"tenants_eu": ["blue"]}\n`, "data/us.json": `{"tenants_us": ["green"]}\n` },
  },
} satisfies ProblemEntries;

/** `build/policy/opa-errors.ts`, by the code that OPA gives. */
export const OPA = {
  "opa.parse": {
    title: "A file has a mistake in its syntax, or is empty.",
    why: "OPA can't read the file, and a policy that is read in part could lack a denial. The message and the line are OPA's own; the mistake often stands a little above the line. A file starts with `package access.<area>`.",
    refused: inArea(`grants["list"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/orders"`),
    instead: inArea(GRANT),
  },
  "opa.type": {
    title: "A comparison or call can't work, because of the types of its values.",
    why: "OPA knows the types of literals, of rules and of the input, whose schema the package names. Values of different types are never equal, so the condition would never be true; the same goes for a function with a missing argument, and for two rules of one name that can't both hold.",
    refused: inConditions(`in_the_office if input.request.source_ip == 203`),
    instead: inConditions(`in_the_office if input.request.source_ip == "203.0.113.7"`),
  },
  "opa.undefined_reference": {
    title: "A condition reads a field that the input does not have.",
    why: "The field is misspelt, or nobody sends it. In Rego that is no error: the value would be missing, and the condition never true. `docs/policy-language.md` lists the fields.",
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
    why: "The authorizer evaluates the policy as WebAssembly, where this function is missing, is slow, or answers differently than in `opa test`. `docs/policy-language.md` lists the functions that conditions can call.",
    refused: inConditions(`of_the_team if regex.match("^team-", input.principal.claims.email)`),
    instead: inConditions(`of_the_team if startswith(input.principal.claims.email, "team-")`),
  },
  "opa.unsafe_variable": {
    title: "A rule uses a name that nothing gives a value to.",
    why: "The name is misspelt, its import is missing, or it is a text without its quotes. Names with a dash need brackets and quotes; without them, Rego reads a subtraction.",
    refused: inConditions(`of_the_app if "v2" in input.request.headers.x-client`),
    instead: inConditions(`of_the_app if "v2" in input.request.headers["x-client"]`),
  },
  "opa.recursion": {
    title: "A rule leads back to itself.",
    why: "Rego has no recursion: OPA can't evaluate a rule that needs its own value.",
    refused: inConditions(`trusted if known

known if trusted`),
    instead: inConditions(`trusted if known

known if input.principal.issuer == "https://login.example.com"`),
  },
  "opa.compile": {
    title: "OPA's strict check refuses the file: an unused import or variable, a name that hides another, or the like.",
    why: "An unused name is often a misspelt one: the rule reads something else than its author meant. The message is OPA's own.",
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
    why: "The message is OPA's own. No policy is known that leads here and is not refused with a better code; please report one that does.",
    refused: null,
    instead: null,
  },
} satisfies ProblemEntries;

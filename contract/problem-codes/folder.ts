import { inArea, type ProblemEntries } from "./entry.ts";

const GRANT = `grants["list"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/orders"}`;
const AREA = `package access.orders\n\n${GRANT}\n`;

/** The codes of `build/policy/layout.ts`, `size.ts`, `assembly.ts` and `packages.ts`. */
export const FOLDER = {
  "layout.missing_folder": {
    title: "The folder of policies, or `access/` in it, does not exist.",
    why: "The build reads grants, denials, roles and conditions from `access/`. If the folder had another name, none of its files would be in force.",
    refused: { "acces/orders.rego": AREA },
    instead: { "access/orders.rego": AREA },
    isWholeFolder: true,
  },
  "layout.symbolic_link": {
    title: "A file or folder is a symbolic link.",
    why: "The build does not follow links, so a denial behind a link would be missing from the package, even if `opa test` finds it. Put the file itself into the folder.",
    refused: { "access/returns.rego": { linkTo: "../../shared/returns.rego" } },
    instead: {
      "access/returns.rego": `package access.returns

denials["closed"] := {"verbs": {"ANY"}, "path": "/returns/{rest+}"}
`,
    },
  },
  "layout.folder_name": {
    title: "A folder has a name that ends in `.rego`.",
    why: "OPA ignores everything named `*_test.rego` when it compiles the policy. It would ignore all policies in a folder with such a name, and a denial among them would silently not be in force.",
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
    why: "OPA and the build read policies from files whose names end in `.rego`, in lower case. A denial in any other file would look as if it were in force. Notes may be in `.md` files.",
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
    title: "A JSON or YAML file is outside `data/`.",
    why: "OPA would load such a file at the path of its folder, among the rules of the policy, and the build would not pack it. Grants, denials and roles are written in Rego. Base data that conditions read belongs in `data/`.",
    refused: { "limits.json": `{"tenants": ["blue", "green"]}\n` },
    instead: { "data/limits.json": `{"tenants": ["blue", "green"]}\n` },
  },
  "layout.data_format": {
    title: "A file in `data/` is neither JSON nor YAML.",
    why: "OPA reads base data from files whose names end in `.json`, `.yaml` or `.yml`. Conditions could not read the values of any other file.",
    refused: { "data/limits.toml": `tenants = ["blue", "green"]\n` },
    instead: { "data/limits.yaml": "tenants: [blue, green]\n" },
  },
  "layout.too_many_rules": {
    title: "The policy has more than 20,000 grants and denials.",
    why: "The module lists the entitlements of a principal, on which per-token documents depend, and each grant or denial takes 8.5 kB of its memory then. Write one rule for paths that differ in a parameter, or one policy for each API.",
    refused: null,
    instead: null,
  },
  "engine.altered": {
    title: "The folder holds an engine that differs from this version's.",
    why: "The product's own engine always decides. A changed copy beside the policies has no effect, and would mislead its readers. Remove it; an unchanged copy may stay.",
    refused: { "engine/decision.rego": `package engine\n\ndecision := {"effect": "allow"}\n` },
    instead: inArea(GRANT),
  },
  "package.unknown": {
    title: "A file has a package that the product does not know.",
    why: "The package says what a file holds: `access.<area>` for grants and denials, `access.roles`, `access.conditions`, `access_lib` for helpers, `access_test.<area>` for tests. The engine does not read any other package, so a denial there would forbid nothing.",
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
  "package.other_name": {
    title: "An area is in a file with another name.",
    why: "Decisions, tests and reviews name an area by its package, and people look for it in the file of that name. A difference of one letter is a mistake in one of the two. An area of several files may have them in a folder of its name, or with its name in front: `orders_refunds.rego`.",
    refused: {
      "access/returns.rego": `package access.return

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

const IN_THE_OFFICE = `in_the_office if {
	some block in data.data.office.networks
	net.cidr_contains(block, input.request.source_ip)
}
`;

const NOT_BLOCKED = "not_blocked if not input.principal.id in data.data.blocked\n";

/** The codes of base data: `build/policy/base-data.ts`, `data-files.ts`, `address-blocks.ts`, `block-lists.ts` and `condition-statements.ts`. */
export const BASE_DATA = {
  "data.empty": {
    title: "A value or a key of the base data is null or an empty string.",
    why: "A claim without a value is null or an empty string, too, so a comparison of the two would be true, or the claim would find what is under the empty key. Leave it out.",
    refused: { "data/partner.json": `{"tenant": ""}\n` },
    instead: { "data/partner.json": `{"tenant": "blue"}\n` },
  },
  "data.malformed": {
    title: "A file in `data/` has a mistake in its syntax.",
    why: "OPA can't read the file, so no condition could be evaluated. The line is that of the first mistake.",
    refused: { "data/limits.json": `{"tenants": ["blue", ]}\n` },
    instead: { "data/limits.json": `{"tenants": ["blue"]}\n` },
  },
  "data.conflict": {
    title: "Two files give one base datum different values, or a rule defines it, too.",
    why: "All files in `data/` are one document. If two of them disagree, OPA loads neither. The message is OPA's own.",
    refused: { "data/eu.json": `{"tenants": ["blue"]}\n`, "data/us.json": `{"tenants": ["green"]}\n` },
    instead: { "data/eu.json": `{"tenants_eu": ["blue"]}\n`, "data/us.json": `{"tenants_us": ["green"]}\n` },
  },
  "data.unknown": {
    title: "A condition reads a base datum that does not exist.",
    why: "The name is misspelt, or the file is missing. The value would always be missing, and the condition would never be true.",
    refused: {
      "access/conditions.rego": IN_THE_OFFICE.replace("office.networks", "office.network"),
      "data/office.yaml": "office:\n  networks: [203.0.113.0/24]\n",
    },
    instead: {
      "access/conditions.rego": IN_THE_OFFICE,
      "data/office.yaml": "office:\n  networks: [203.0.113.0/24]\n",
    },
  },
  "data.type": {
    title: "A base datum has another type than a condition needs.",
    why: "The message says which condition reads it. Nothing is ever in a text, and a number never equals a text, so the condition would never be true.",
    refused: {
      "access/conditions.rego": IN_THE_OFFICE,
      "data/office.yaml": "office:\n  networks: 203.0.113.0/24\n",
    },
    instead: {
      "access/conditions.rego": IN_THE_OFFICE,
      "data/office.yaml": "office:\n  networks: [203.0.113.0/24]\n",
    },
  },
  "data.address_block": {
    title: "A base datum is used as an address block and isn't one.",
    why: "A block has an address, a slash and a number of bits, at most 32 for IPv4 and 128 for IPv6. No address is in anything else, so users of that network would be refused.",
    refused: {
      "access/conditions.rego": IN_THE_OFFICE,
      "data/office.yaml": "office:\n  networks:\n    - 203.0.113.0/240\n",
    },
    instead: {
      "access/conditions.rego": IN_THE_OFFICE,
      "data/office.yaml": "office:\n  networks:\n    - 203.0.113.0/24\n",
    },
  },
  "data.block_list": {
    title: "A block list is missing, is not a list, or has an item that is not text, or that nothing ever equals.",
    why: "`not input.principal.id in data.data.blocked` holds of everybody whom the list does not name. An id that is written as a number, or as a key of an object, names nobody: ids, parameters and headers are text. An item in capitals is never equal to text in small letters, such as a weekday. So the build requires a list of texts, which may be empty.",
    refused: {
      "access/conditions.rego": NOT_BLOCKED,
      "data/blocked.yaml": "blocked:\n  - 4711\n",
    },
    instead: {
      "access/conditions.rego": NOT_BLOCKED,
      "data/blocked.yaml": 'blocked:\n  - "4711"\n',
    },
  },
  "data.inexact_number": {
    title: "A number of the base data is too large, or has too many digits, to be the same everywhere.",
    why: "WebAssembly rounds a number above 2^53, or with a fraction of more than 15 digits, and OPA does not. A condition would decide otherwise in the authorizer than in a test. Write numbers that are names, such as account numbers, as text.",
    refused: { "data/partner.json": `{"number": 9007199254740993}\n` },
    instead: { "data/partner.json": `{"number": "9007199254740993"}\n` },
  },
} satisfies ProblemEntries;

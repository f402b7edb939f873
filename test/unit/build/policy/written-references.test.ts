import { describe, expect, it } from "vitest";
import { sortedReferences } from "../../../../build/policy/input-references.ts";
import { createReadWritten, fieldOf } from "../../../../build/policy/written-references.ts";
import { parseFile } from "../../../../build/rego/files.ts";
import { createEngineWorkspace } from "../../../../dev/workspace.ts";
import { opaIn } from "../../../support/opa.ts";

const CONDITIONS = `package access.conditions

import data.access_lib
import data.access_lib.other
import data.engine.values as engine_values

plain if net.cidr_contains("10.0.0.0/8", input.request.source_ip)

first_of_a_list if input.request.headers["x-tenant"][0] == input.principal.claims["custom:tenant"]

by_variable if {
	headers := input.request.headers["x-list"]
	some key in ["a", "b"]
	headers[0] == key
}

two_ways if input.request.source_ip == "a"

two_ways if input.now_s > 7

inner_and_outer if {
	input.request.headers["x-a"][0] == "x"
	some value in input.request.headers["x-a"]
	value != ""
}

through_a_function if access_lib.is_ours(input.principal.claims.org, "x")

through_an_alias if engine_values.within(input.now_s, input.principal.claims.auth_time, 60)

through_a_rule if other

through_a_condition if {
	plain
	input.params.id == "7"
}

in_an_object if {"ip": input.request.source_ip, "ids": [input.params.id]}.ip == "x"

shadowed if {
	plain := input.principal.claims.sub
	plain == "x"
}

of_nothing if "a" == data.data.letter

of_a_value if access_lib.tenant == "x"

computed if input.request.headers["x-computed"][to_number(input.params.name)] == "x"
`;

/** Conditions that OPA reads, since the syntax trees do not suffice. */
const BY_OPA = `
in_a_comprehension if count({plain | some plain in input.request.headers["x-b"]}) > 0

of_all if {
	every value in input.request.headers["x-c"] {
		value != "x"
	}
}

modified if plain with input.request.source_ip as "10.0.0.1"

by_every_key if {
	some name
	input.request.headers[name][0] == "x"
}

through_a_variable if {
	claims := input.principal.claims
	claims.sub == "x"
}

whole_input if count(input) == 3

in_a_package if data.access_lib[_] == input.principal.claims.x

through_a_comprehension if in_a_comprehension
`;

const LIBRARY = `package access_lib

is_ours(name, prefix) if {
	startswith(name, prefix)
	input.request.method == "GET"
	_is_known(name)
}

_is_known(name) if name in data.data.names

_is_known(name) if name == input.request.headers["x-known"][0]

tenant := input.principal.claims["custom:tenant"]

other if input.request.headers["x-other"][0] == data.data.letter
`;

const names = (text: string) => [...new Set([...text.matchAll(/^(\w+) if/gm)].map(([, name = ""]) => name))];

async function readIn(text: string) {
  const workspace = await createEngineWorkspace({ "access/conditions.rego": text, "access/lib.rego": LIBRARY });
  const opa = await opaIn(workspace.root);
  const toFile = (file: string, part: "conditions" | "library") =>
    parseFile(opa, { file, package: part === "library" ? "access_lib" : "access.conditions", part });
  const sources = await Promise.all([
    toFile("policies/access/conditions.rego", "conditions"),
    toFile("policies/access/lib.rego", "library"),
  ]);
  const askOpa = async (name: string) => {
    const { stdout } = await opa("deps", "--format", "json", "--data", "policies", `data.access.conditions.${name}`);
    const { base = [] } = JSON.parse(stdout) as { base?: { value: unknown }[][] };
    const ofInput = base.filter(([root]) => root?.value === "input");
    return sortedReferences(ofInput.flatMap(([, ...path]) => [fieldOf(path.map(({ value }) => `${value}`)) ?? []]));
  };
  return { workspace, read: createReadWritten(sources), askOpa };
}

describe("the references that are read from syntax trees", () => {
  it("are those that OPA finds, condition by condition", async () => {
    const { workspace, read, askOpa } = await readIn(CONDITIONS + BY_OPA);
    await using _ = workspace;
    const found = names(CONDITIONS).map((name) => [name, sortedReferences(read(name) ?? [])] as const);
    const asked = await Promise.all(names(CONDITIONS).map(async (name) => [name, await askOpa(name)]));
    expect(found).toEqual(asked);
    expect(found.flatMap(([, references]) => references).length).toBeGreaterThan(20);
  });

  it("are left to OPA where a variable could be of an inner scope or stand for more than a field", async () => {
    const { workspace, read } = await readIn(CONDITIONS + BY_OPA);
    await using _ = workspace;
    expect(names(BY_OPA).filter((name) => read(name) !== undefined)).toEqual([]);
  });
});

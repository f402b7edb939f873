import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { toConditionFacts } from "../../build/policy/condition-facts.ts";
import { type ParsedFile, parseFile } from "../../build/rego/files.ts";
import type { ConditionFacts } from "../../contract/condition-facts.ts";
import type { IndexedRoles } from "../../contract/policy-index.ts";
import { opaIn } from "./opa.ts";

/** The parts of a policy that the facts of its conditions follow from, as Rego without the lines of the packages. */
export interface WrittenConditions {
  readonly conditions: string;
  readonly helpers?: string;
  readonly base?: unknown;
  readonly roles?: Partial<IndexedRoles>;
}

export const NO_ROLES: IndexedRoles = { groups: {}, scopes: {}, kinds: {}, claims: {}, issuers: {} };

/** Makes the facts of conditions from their text. OPA parses it, and checks nothing. */
export async function factsOf(
  folder: string,
  names: readonly string[],
  written: WrittenConditions,
): Promise<Readonly<Record<string, ConditionFacts>>> {
  const { base = {}, roles = {} } = written;
  const sources = await parseConditions(folder, written);
  return toConditionFacts(names, { sources, base, roles: { ...NO_ROLES, ...roles } });
}

/** Parses the text of conditions and helpers. */
export async function parseConditions(
  folder: string,
  { conditions, helpers = "" }: WrittenConditions,
): Promise<readonly ParsedFile[]> {
  const opa = await opaIn(folder);
  const parse = async (file: string, name: string, part: ParsedFile["part"], text: string) => {
    await writeFile(join(folder, file), `package ${name}\n\n${text}\n`);
    return parseFile(opa, { file, package: name, part });
  };
  return [
    await parse("conditions.rego", "access.conditions", "conditions", conditions),
    ...(helpers === "" ? [] : [await parse("helpers.rego", "access_lib", "library", helpers)]),
  ];
}

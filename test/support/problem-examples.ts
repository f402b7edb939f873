import { access, mkdir, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { toAccessPolicy } from "../../analysis/compare/access-policy.ts";
import { reportFindings } from "../../analysis/compare/finding-report.ts";
import { reportInvariants } from "../../analysis/compare/invariant-report.ts";
import type { Problem } from "../../build/policy/problem.ts";
import { readPolicy } from "../../build/policy/read-policy.ts";
import type { ApiDocument } from "../../contract/named-document.ts";
import type { Example } from "../../contract/problem-codes/entry.ts";
import { foundOpa } from "../../dev/found-opa.ts";
import { createWorkspace, type Workspace } from "../../dev/workspace.ts";
import { readLocatedRoutes } from "../../openapi/located-routes.ts";

/** A policy that builds, into which examples are put. */
const BASE = {
  "access/roles.rego": `package access.roles\n\ncustomer := {"groups": {"Customers"}}\n`,
  "access/orders.rego": `package access.orders\n\ngrants["home"] := {"roles": {"authenticated"}, "verbs": {"GET"}, "path": "/home"}\n`,
};

/** Adds the lines above the rules of an example that shows its rules only. */
function complete(file: string, text: string): string {
  if (!file.endsWith(".rego") || text === "" || /^package /m.test(text)) return text;
  const withSchema = (name: string) => `# METADATA\n# schemas:\n# - input: schema.input\npackage ${name}\n\n`;
  const imports = ["data.access_lib", "data.engine.caller", "data.engine.values"]
    .filter((name) => new RegExp(`(?<!\\.)\\b${name.slice(name.lastIndexOf(".") + 1)}\\.`).test(text))
    .map((name) => `import ${name}\n\n`)
    .join("");
  if (file === "access/roles.rego") return `${BASE[file]}\n${text}`;
  if (file === "access/conditions.rego") return `${withSchema("access.conditions")}${imports}${text}`;
  if (file === "access/lib.rego") return `${withSchema("access_lib")}${imports}${text}`;
  if (file === "access/invariants.rego") return `package access.invariants\n\n${text}`;
  return `package access.orders\n\n${text}`;
}

/** Lists the conditions that an example defines. */
function conditionsOf(text: string): readonly string[] {
  return [...new Set([...text.matchAll(/^(?:default )?(\w+)(?= if| :=)/gm)].map(([, name]) => name ?? ""))];
}

/** Creates a workspace with an example in it, completes its rules, and adds a grant that uses its conditions. */
async function createExample(example: Example, isWholeFolder = false): Promise<Workspace> {
  const texts = Object.entries(example).flatMap(([file, text]) =>
    typeof text === "string" ? [[file, text] as const] : [],
  );
  const conditions = conditionsOf(example["access/conditions.rego"]?.toString() ?? "");
  const asks = `package access.asks\n\ngrants["all"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/asks/{id}", "when": ${JSON.stringify(conditions).replace("[", "{").replace("]", "}")}}\n`;
  const isAsked = conditions.length > 0 && example["access/orders.rego"] === undefined;
  const workspace = await createWorkspace({
    ...(isWholeFolder ? {} : BASE),
    ...Object.fromEntries(texts.map(([file, text]) => [file, complete(file, text)])),
    ...(isAsked && { "access/asks.rego": asks }),
  });
  if (isWholeFolder) await rm(join(workspace.policies, "access"), { recursive: true });
  for (const [file, text] of Object.entries(example)) {
    if (typeof text === "string") continue;
    const path = join(workspace.policies, file);
    await mkdir(dirname(path), { recursive: true });
    await symlink(text.linkTo, path);
  }
  return workspace;
}

/** The findings in an example, named by codes in tests. */
interface Findings {
  readonly problems: readonly Problem[];
  readonly notices: readonly Problem[];
}

async function check(workspace: Workspace, isForReview: boolean): Promise<Findings> {
  const opa = await foundOpa();
  if (!opa.ok) throw new Error(opa.error);
  const documents: ApiDocument[] = [];
  for (const [file, api] of Object.entries({ "openapi.yaml": undefined, "shop.yaml": "shop" })) {
    const path = join(workspace.policies, "..", file);
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) documents.push({ api, file: path });
  }
  const routes = documents.length > 0 ? await readLocatedRoutes(documents) : undefined;
  if (routes?.ok === false) throw new Error(routes.error.join("\n"));
  const policy = await readPolicy(opa.value, workspace.policies, { routes: routes?.value.routes, isForReview });
  if (!policy.ok) {
    const problems = policy.error.map((one) => ({ ...one, file: one.file.replace(workspace.policies, "policies") }));
    return { problems, notices: [] };
  }
  await using checked = policy.value;
  const judged = await reportInvariants("policies", checked, toAccessPolicy(checked));
  const findings = reportFindings("policies", checked, toAccessPolicy(checked));
  if (!judged.ok) throw new Error(judged.error.join("\n"));
  if (!findings.ok) throw new Error("the access of the example takes too many tests");
  return {
    problems: isForReview ? judged.value.problems : [],
    notices: [...(routes?.value.notices ?? []), ...checked.notices, ...judged.value.notices, ...findings.value],
  };
}

/** Finds the problems of an example. */
export async function problemsOf(example: Example, isWholeFolder = false): Promise<readonly Problem[]> {
  await using workspace = await createExample(example, isWholeFolder);
  const { problems } = await check(workspace, false);
  return problems;
}

/**
 * Finds the problems of many examples in one run: each file has the rules of all of them.
 *
 * @returns The problems of each example by its lines; undefined if some are in no lines of an example. One example can spoil
 *   what is found of another, so what differs from the expected needs to be found again with {@link problemsOf}.
 */
export async function problemsOfEach(
  examples: readonly Example[],
): Promise<readonly (readonly Problem[])[] | undefined> {
  const files = new Map<string, { text: string; readonly starts: Map<number, number> }>();
  for (const [at, example] of examples.entries()) {
    for (const [file, text] of Object.entries(example)) {
      const known = files.get(file) ?? { text: "", starts: new Map<number, number>() };
      known.starts.set(known.text.split("\n").length, at);
      known.text += `${text}\n\n`;
      files.set(file, known);
    }
  }
  const problems = await problemsOf(Object.fromEntries([...files].map(([file, { text }]) => [file, text])));
  const found: Problem[][] = examples.map(() => []);
  for (const problem of problems) {
    const file = problem.file.replace("policies/", "");
    const known = files.get(file);
    if (known === undefined) return undefined;
    const above = complete(file, known.text).split(known.text)[0]?.split("\n").length ?? 1;
    const start = [...known.starts.keys()].findLast((line) => line <= problem.line - above + 1);
    const owner = start === undefined ? undefined : found[known.starts.get(start) ?? -1];
    if (owner === undefined) return undefined;
    owner.push(problem);
  }
  return found;
}

/** Finds the problems and the notices of an example. */
export async function findingsIn(example: Example): Promise<Findings> {
  await using workspace = await createExample(example);
  // Awaited here, since the workspace is removed when this function returns.
  return await check(workspace, false);
}

/** Finds the problems for reviewers in an example that is a whole policy. */
export async function reviewProblemsOf(example: Example): Promise<readonly Problem[]> {
  const files = Object.entries(example).map(([file, text]) => [file, String(text)] as const);
  await using workspace = await createWorkspace(Object.fromEntries(files));
  const { problems } = await check(workspace, true);
  return problems;
}

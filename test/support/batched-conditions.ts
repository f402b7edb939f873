import type { Opa } from "../../build/opa/run.ts";
import type { Workspace } from "../../dev/workspace.ts";
import { checkIn } from "./checked-policies.ts";

/** A condition `it` with the helpers that it calls, if any. */
export interface BatchedCase {
  readonly condition: string;
  /** Rules of `access_lib`. */
  readonly helper?: string | undefined;
  /** The claims of each caller for whom it is decided. */
  readonly callers: readonly Readonly<Record<string, unknown>>[];
}

/** What is known of one case. */
export interface BatchedResult {
  /** The lines that the build would print about the case. */
  readonly lines: readonly string[];
  /** The effect for each caller, whether or not the build accepts the condition. */
  readonly effects: readonly string[];
}

const HEADER = "# METADATA\n# schemas:\n# - input: schema.input\npackage ";

/** The head of a rule at the start of a line. An import has no head. */
const HEAD = /^(?:default )?(?!import\b)(\w+)/gm;

/**
 * Checks and decides many cases in one policy, since each run of OPA takes a moment. Each has names of its own in it, and a
 * grant of its own: no case refers to another.
 *
 * OPA's own errors end its checks before it has reported all of them, so a case with such an error is checked alone.
 */
export async function checkBatch(
  workspace: Workspace,
  opa: Opa,
  cases: readonly BatchedCase[],
  input: Readonly<Record<string, unknown>>,
): Promise<readonly BatchedResult[]> {
  const renamed = cases.map(rename);
  const imports = ["data.access_lib", "data.engine.caller", "data.engine.values"];
  const used = (texts: readonly string[]) =>
    imports.filter((name) => texts.some((text) => new RegExp(`(?<!\\.)\\b${name.split(".").at(-1)}\\.`).test(text)));
  const conditions = toFile(
    "access.conditions",
    used(renamed.map(({ condition }) => condition)),
    renamed.map(({ condition }) => condition),
  );
  const library = toFile(
    "access_lib",
    used(renamed.map(({ helper }) => helper)),
    renamed.map(({ helper }) => helper),
  );
  const grants = cases.map((_, at) => `grants["it_${at}"] := ${toGrant(at, `/c${at}/{id}`)}`);
  await workspace.write({
    "access/conditions.rego": conditions.text,
    "access/lib.rego": library.text,
    "access/area.rego": `package access.area\n\n${grants.join("\n\n")}\n`,
  });
  const lines = await checkIn(workspace.root);
  const effects = await decideAll(workspace, opa, cases, input);
  const ofCase = (line: string) => {
    const [, file = "", row = ""] = /^policies\/access\/(\w+)\.rego:(\d+): /.exec(line) ?? [];
    const starts = file === "lib" ? library.starts : file === "conditions" ? conditions.starts : [];
    return starts.findLastIndex((start) => start <= Number(row));
  };
  const isHint = (line: string) => line.startsWith("docs/problems.md ");
  const strays = lines.filter((line) => ofCase(line) < 0 && !isHint(line));
  if (strays.length > 0) throw new Error(`the batch as a whole is refused:\n${strays.join("\n")}`);
  return cases.map((_, at) => ({ lines: lines.filter((line) => ofCase(line) === at), effects: effects[at] ?? [] }));
}

/** Gives the rules of a case names that no other case has. */
function rename({ condition, helper = "" }: BatchedCase, at: number): { condition: string; helper: string } {
  const withoutImports = helper.replace(/^import .*\n+/gm, "");
  const [own, ofLibrary] = [condition, withoutImports].map((text) =>
    [...text.matchAll(HEAD)].map(([, name = ""]) => name),
  );
  const suffixed = (text: string, names: readonly string[], before: string) =>
    names.length === 0 ? text : text.replace(new RegExp(`${before}\\b(${names.join("|")})\\b`, "g"), `$1_${at}`);
  return {
    condition: suffixed(condition, own ?? [], '(?<![."])').replace(/(?<=access_lib\.)\w+/g, (name) =>
      (ofLibrary ?? []).includes(name) ? `${name}_${at}` : name,
    ),
    helper: suffixed(withoutImports, ofLibrary ?? [], '(?<![."])'),
  };
}

/** Writes rules below the lines that they share, and finds the line at which each starts. */
function toFile(name: string, imports: readonly string[], rules: readonly string[]) {
  let text = `${HEADER}${name}\n${imports.map((one) => `\nimport ${one}\n`).join("")}`;
  const starts = rules.map((rule) => {
    const start = text.split("\n").length;
    if (rule !== "") text += `\n${rule}\n`;
    return start;
  });
  return { text, starts };
}

function toGrant(at: number, path: string): string {
  return `{"roles": {"authenticated"}, "verbs": {"GET"}, "path": "${path}", "when": {"it_${at}"}}`;
}

/** Decides each case by itself: its grant is the only one, and on the path of the request. */
async function decideAll(
  workspace: Workspace,
  opa: Opa,
  cases: readonly BatchedCase[],
  input: Readonly<Record<string, unknown>>,
): Promise<readonly (readonly string[])[]> {
  const asked = cases.map(({ callers }, at) => ({
    name: `it_${at}`,
    inputs: callers.map((claims) => ({ ...input, principal: { claims } })),
  }));
  await workspace.write({ "../input.json": JSON.stringify(asked) });
  const effect = "data.engine.decision.effect with input as caller with data.access.area.grants as grants";
  const query = `[effects |
    some one in input
    grants := {"it": {"roles": {"authenticated"}, "verbs": {"GET"}, "path": "/{id}", "when": {one.name}}}
    effects := [effect | some caller in one.inputs; effect := ${effect}]
  ]`;
  const { stdout, stderr } = await opa("eval", "--format", "raw", "--data", "policies", "--input", "input.json", query);
  if (!stdout.startsWith("[")) throw new Error(stderr);
  return JSON.parse(stdout);
}

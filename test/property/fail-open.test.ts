import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Opa } from "../../build/opa/run.ts";
import { CAPABILITIES_FILE } from "../../build/policy/builtins.ts";
import { checkFailOpen } from "../../build/policy/fail-open.ts";
import { readBuiltIns, readVocabulary } from "../../build/policy/vocabulary.ts";
import { parseFile } from "../../build/rego/files.ts";
import { createEngineWorkspace } from "../../dev/workspace.ts";
import { type Callable, createStatements, toBody } from "../support/condition-grammar.ts";
import { opaIn } from "../support/opa.ts";

/**
 * The law: a condition that the build takes holds only if every claim in it is good. One claim at a time, and all at once, are
 * missing, null, empty, mistyped or repeated, while the others are good.
 */

const TAKEN = 10_000;
const BATCH = 5000;
const HELPERS = 150;
const SEED = 233_442;
const TIMEOUT_MS = 1_200_000;
const CLAIMS = ["a", "b", "c"];

const BASE = {
  names: ["x", "y"],
  limits: { x: 3, y: "x" },
  teams: { red: ["x"], blue: [] },
  odd: { none: {}, keys: { "": "x" }, lists: [[], "x", {}] },
  pairs: [["x", "y"]],
  name: "x",
};

/** A value that no condition may hold for, or only one that asks for such a value. */
interface Bad {
  readonly value: unknown;
  /** Matches the text of a condition for which the value may be good. */
  readonly unless?: RegExp;
}

const ASKS_FOR_NUMBER = /number|within|count|floor|abs|substring| [-+*/%<>]=? |\[\d|\[_|KEY/;
const ASKS_FOR_ITEMS = / in |all_in|caller\.values|:= |is_|\{"|(?<!headers|calendar|\])\[/;
const BAD: readonly Bad[] = [
  ...[undefined, null, "", [], {}, [""], [null], [[]], [{}], [["", null]], { "": "" }, { k: "" }, { x: null }].map(
    (value) => ({ value }),
  ),
  { value: 7, unless: ASKS_FOR_NUMBER },
  { value: true, unless: /true|is_boolean/ },
  { value: { zz: ["zz"] }, unless: ASKS_FOR_ITEMS },
  { value: ["x", "x"], unless: ASKS_FOR_ITEMS },
];
const GOOD = fc.constantFrom<unknown>("x", "x", "y", "x/y", "3", 3, ["x"], ["x", "y"], { k: "x" }, [["x", "y"]], true);

interface Asked {
  readonly input: unknown;
  /** The claims that are bad; none in an input that is good. */
  readonly spoiled: readonly string[];
  readonly unless?: RegExp | undefined;
}

function toInput(claims: Readonly<Record<string, unknown>>, values: readonly string[]): unknown {
  return {
    principal: { id: "x/y", claims },
    request: { method: "GET", path: "x/y", headers: { "x-y": values }, query: { q: values } },
    params: { id: "x" },
    now_s: 3,
    calendar: { "Europe/Berlin": { hour: 3, weekday: "x" } },
  };
}

/** Makes inputs in which each claim, and all claims, are bad in every way, and some in which all claims are good. */
function toAsked(seed: number): readonly Asked[] {
  const good = fc.sample(fc.tuple(...CLAIMS.map(() => GOOD), fc.constantFrom(["x"], ["x", "y"])), {
    numRuns: 100,
    seed,
  });
  let at = 0;
  const next = () => good[at++ % good.length] ?? [];
  const toClaims = (values: readonly unknown[], spoiled: readonly string[], bad: unknown) =>
    Object.fromEntries(CLAIMS.map((name, place) => [name, spoiled.includes(name) ? bad : values[place]]));
  const asked = [...CLAIMS.map((name) => [name]), CLAIMS].flatMap((spoiled) =>
    BAD.map(({ value, unless }): Asked => {
      const values = next();
      return { input: toInput(toClaims(values, spoiled, value), values.at(-1) as string[]), spoiled, unless };
    }),
  );
  const controls = Array.from({ length: 20 }, (): Asked => {
    const values = next();
    return { input: toInput(toClaims(values, [], undefined), values.at(-1) as string[]), spoiled: [] };
  });
  return [...asked, ...controls];
}

const HEADER = "package access.conditions\n\nimport data.engine.caller\nimport data.engine.values\n";

/** The files of the engine that decide what a function for conditions returns. */
const ENGINE = ["caller", "claims", "form_encoding", "principal", "values"].map(
  (name) => `policies/engine/${name}.rego`,
);

type Rules = ReadonlyMap<string, string>;

function lineOfEach(rules: Rules): readonly (readonly [string, number])[] {
  let line = HEADER.split("\n").length;
  return [...rules].map(([name, text]) => {
    const start = line + 1;
    line += text.split("\n").length + 1;
    return [name, start];
  });
}

/** Finds the rule of each line that is named, by looking through the rules in order. */
function rulesAt(rules: Rules, lines: readonly number[]): ReadonlySet<string> {
  const starts = lineOfEach(rules);
  const found = new Set<string>();
  let at = 0;
  for (const line of [...lines].sort((one, other) => one - other)) {
    while ((starts[at + 1]?.[1] ?? Number.POSITIVE_INFINITY) <= line) at += 1;
    found.add(starts[at]?.[0] ?? "");
  }
  return found;
}

function write(root: string, rules: Rules): Promise<void> {
  return writeFile(join(root, "conditions.rego"), `${[HEADER, ...rules.values()].join("\n\n")}\n`);
}

/** Finds the rules that OPA accepts. OPA reports errors stage by stage, so it runs until no error is left. */
async function acceptedByOpa(opa: Opa, root: string, generated: Rules): Promise<Rules> {
  const rules = new Map(generated);
  const args = ["--strict", "--format", "json", "--max-errors", "0", "--capabilities", CAPABILITIES_FILE];
  for (;;) {
    await write(root, rules);
    const { succeeded, stdout, stderr } = await opa("check", ...args, ...ENGINE, "conditions.rego");
    if (succeeded) return rules;
    const { errors } = JSON.parse(stdout || stderr) as { errors: readonly { location: { row: number } }[] };
    for (const name of rulesAt(
      rules,
      errors.map(({ location }) => location.row),
    ))
      rules.delete(name);
  }
}

/** Names the helpers that a text calls. */
function helpersIn(text: string): readonly string[] {
  return [...text.matchAll(/\bh\d+(?=\()/g)].map(([name]) => name);
}

/** Finds the rules that the build takes, with all helpers that they call. */
async function takenByBuild(opa: Opa, root: string, rules: Rules): Promise<ReadonlySet<string>> {
  await write(root, rules);
  const source = await parseFile(opa, { file: "conditions.rego", package: "access.conditions", part: "conditions" });
  const { problems } = checkFailOpen(source, readVocabulary(await readBuiltIns(opa), [source], BASE));
  const refused = rulesAt(
    rules,
    problems.map(({ line }) => line),
  );
  const taken = new Set<string>();
  // A helper calls only helpers before it, and a condition only helpers.
  for (const [name, text] of rules) {
    const [, ...body] = text.split("(");
    const calls = helpersIn(name.startsWith("h") ? body.join("(") : text);
    if (!refused.has(name) && calls.every((helper) => taken.has(helper))) taken.add(name);
  }
  return taken;
}

const HEADS = [
  "p",
  "p",
  "p, q",
  "p, q",
  "p, q",
  "p, _",
  "_",
  "p, p",
  "[p, q]",
  '[""], p',
  '{"": p}',
  '["x", p]',
  "null, p",
];

/** Generates helpers; the second half can call the first. Each reads its arguments, or most would be refused for that alone. */
function generateHelpers(seed: number): readonly (Callable & { readonly text: string })[] {
  const helpers: (Callable & { readonly text: string })[] = [];
  for (const level of [0, 1]) {
    const { term, statement } = createStatements({ unsure: ["p", "q"], helpers: [...helpers] });
    const body = fc.array(statement, { minLength: 1, maxLength: 2 }).map((all) => ` if {\n\t${toBody(all)}\n}`);
    const rest = fc.oneof(
      body,
      term.map((value) => ` := ${value}`),
      fc.tuple(term, body).map((parts) => ` := ${parts.join("")}`),
    );
    const helper = fc
      .tuple(fc.constantFrom(...HEADS), rest)
      .filter(([head, text]) =>
        ["p", "q"].every((name) => head.includes(name) === new RegExp(`\\b${name}\\b`).test(text)),
      );
    for (const [head, text] of fc.sample(helper, { numRuns: HELPERS, seed: seed + level })) {
      const name = `h${helpers.length}`;
      const arity = head.startsWith("[p, q") ? 1 : head.split(/,(?![^[]*\])/).length;
      helpers.push({ name, arity, isTest: text.startsWith(" if"), text: `${name}(${head})${text}` });
    }
  }
  return helpers;
}

const NAMES_CLAIM = /claims\.([abc])\b|caller\.values\("([abc])"\)/g;

/** Names the claims that a condition reads. */
function claimsIn(text: string): readonly string[] {
  return [...text.matchAll(NAMES_CLAIM)].map(([, one, other]) => one ?? other ?? "");
}

it("no condition that the build takes holds while a claim in it is missing, null, empty, mistyped or repeated", {
  timeout: TIMEOUT_MS,
}, async () => {
  await using workspace = await createEngineWorkspace({});
  const { root } = workspace;
  const opa = await opaIn(root);
  const roles = { groups: {}, scopes: {}, claims: {} };
  await writeFile(join(root, "data.json"), JSON.stringify({ engine: { index: { compiled: { roles } } }, data: BASE }));

  const generated = generateHelpers(SEED);
  const drafts = await acceptedByOpa(opa, root, new Map(generated.map(({ name, text }) => [name, text])));
  const takenHelpers = await takenByBuild(opa, root, drafts);
  const helpers = new Map([...drafts].filter(([name]) => takenHelpers.has(name)));
  const callable = generated.filter(({ name }) => takenHelpers.has(name));
  const { statement } = createStatements({
    unsure: CLAIMS.map((name) => `input.principal.claims.${name}`),
    helpers: callable,
  });
  const bodies = fc
    .array(statement, { minLength: 1, maxLength: 2 })
    .map(toBody)
    .filter((body) => claimsIn(body).length > 0);

  const seen = new Set<string>();
  const opened: string[] = [];
  const counts = { generated: 0, taken: 0, held: 0, refused: 0, refusedOpen: 0 };
  for (let batch = 0; counts.taken < TAKEN; batch += 1) {
    const fresh = fc.sample(bodies, { numRuns: BATCH, seed: SEED + 2 + batch }).filter((body) => !seen.has(body));
    for (const body of fresh) seen.add(body);
    const conditions = new Map<string, string>(
      [...new Set(fresh)].map((body, at) => [`c${at}`, `c${at} if {\n\t${body}\n}`]),
    );
    const taken = await takenByBuild(opa, root, new Map([...helpers, ...conditions]));
    const refused = [...conditions.keys()].filter((name) => !taken.has(name)).slice(0, 300);
    const kept = new Set([...helpers.keys(), ...taken, ...refused]);
    const rules = await acceptedByOpa(
      opa,
      root,
      new Map([...helpers, ...conditions].filter(([name]) => kept.has(name))),
    );

    const asked = toAsked(SEED + batch);
    await writeFile(join(root, "inputs.json"), JSON.stringify(asked.map(({ input }) => input)));
    const files = [...ENGINE, "conditions.rego", "data.json"].flatMap((file) => ["--data", file]);
    const query = "[{name | data.access.conditions[name] == true with input as one} | some one in input]";
    const { stdout, stderr } = await opa("eval", "--format", "raw", ...files, "--input", "inputs.json", query);
    const held = JSON.parse(stdout || stderr) as readonly (readonly string[])[];

    const closure = (text: string): string =>
      [text, ...helpersIn(text).map((name) => closure((rules.get(name) ?? "").replace(/^h\d+/, "")))].join("\n");
    const [heldForGood, refusedOpen] = [new Set<string>(), new Set<string>()];
    for (const [at, names] of held.entries()) {
      const { spoiled = [], unless = undefined } = asked[at] ?? {};
      for (const name of names) {
        const text = rules.get(name) ?? "";
        if (spoiled.length === 0 && taken.has(name)) heldForGood.add(name);
        if (!spoiled.some((claim) => claimsIn(text).includes(claim))) continue;
        const whole = closure(text);
        if (unless?.test(whole)) continue;
        if (taken.has(name)) opened.push(`${whole}\n${JSON.stringify(asked[at]?.input)}`);
        else refusedOpen.add(name);
      }
    }
    const isLeft = (name: string) => rules.has(name) && conditions.has(name);
    counts.generated += conditions.size;
    counts.taken += [...taken].filter(isLeft).length;
    counts.refused += refused.filter(isLeft).length;
    counts.held += heldForGood.size;
    counts.refusedOpen += refusedOpen.size;
    if (opened.length > 0) break;
  }
  console.log(`${JSON.stringify(counts)}, ${helpers.size} helpers`);
  expect(opened.slice(0, 20)).toEqual([]);
  // Positive controls: many conditions hold for good claims, and many that are refused would open.
  expect(counts.held).toBeGreaterThan(counts.taken / 20);
  expect(counts.refusedOpen).toBeGreaterThan(counts.refused / 30);
});

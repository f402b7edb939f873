import { own } from "../../contract/json.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import { compareAccess } from "../access/changes.ts";
import { formatTooManyTests } from "../access/formats.ts";
import type { AccessPolicy, Change } from "../access/model.ts";
import { toWitness, toWitnessFacts, type Witness, type WitnessFacts } from "../access/witness.ts";
import { createExplain, type Explain, findContradictions, formatContradictions } from "./confirm.ts";
import { type Follows, toFollows } from "./follows.ts";
import { toReadyTest } from "./ready-test.ts";
import type { Side } from "./side.ts";
import { compareWidth } from "./width.ts";

/** A change with the request that shows it. */
export interface ShownChange {
  readonly change: Change;
  readonly witness: Witness;
  /** A Rego test that holds after the change and not before, or a case of one; see {@link toReadyTest}. */
  readonly readyTest: string | undefined;
  /** The file and line of each rule of `by`, as far as they are known. */
  readonly places: readonly string[];
}

/** A condition whose text, helpers or base data changed. Nobody knows whether that widens. */
export interface ChangedCondition {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

/** Everything that differs between two policies. */
export interface DiffReport {
  readonly from: string;
  readonly to: string;
  /** The revisions; null for a lock. */
  readonly revisions: { readonly from: string | null; readonly to: string | null };
  /** True if the modules of both sides explained each witness as the analysis did; null if a side is a lock. */
  readonly confirmed: true | null;
  /** Sorted: what widens most comes first. */
  readonly changes: readonly ShownChange[];
  readonly conditions: readonly ChangedCondition[];
  /** Lines about changes that have no effect on the access. */
  readonly notes: readonly string[];
  /** Undefined if a side does not have the contracts of a build. */
  readonly follows: Follows | undefined;
}

/** Compares two sides; gives lines if that is not possible, or if the engine contradicts the analysis. */
export async function compareSides(before: Side, after: Side): Promise<Result<DiffReport, readonly string[]>> {
  const knowsPublicRules = before.knowsPublicRules && after.knowsPublicRules;
  const [was, is] = [before.policy, after.policy].map((policy) => {
    return knowsPublicRules ? policy : { ...policy, publicRules: [] };
  });
  if (was === undefined || is === undefined) return err([]);
  const changes = compareAccess(was, is);
  if (!changes.ok) return err([formatTooManyTests(changes.error)]);
  const modules = await loadModules([before, after]);
  if (!modules.ok) return modules;
  const facts = toWitnessFacts(was, is);
  const shown = changes.value.map((change) => ({ change, witness: toWitness(change, facts) }));
  const [explainBefore, explainAfter] = modules.value.map((one) => one?.explain);
  const wrong = shown.flatMap((one) =>
    findContradictions(one.change, one.witness, facts, [explainBefore, explainAfter]),
  );
  if (wrong.length > 0) return err(formatContradictions(wrong));
  const [from, to] = modules.value.map((one) => one?.revision ?? null);
  const [first, second] = [before, after].map(({ engine }) => engine?.derive?.());
  return ok({
    from: before.label,
    to: after.label,
    revisions: { from: from ?? null, to: to ?? null },
    confirmed: explainBefore !== undefined && explainAfter !== undefined ? true : null,
    changes: shown
      .sort((one, other) => compareWidth(one.change, other.change))
      .map(({ change, witness }) => ({
        change,
        witness,
        readyTest: toReadyTest(change, witness, [explainBefore, explainAfter]),
        places: toPlaces(change, before, after),
      })),
    conditions: listChanged(changes.value, facts),
    notes: [
      ...(knowsPublicRules
        ? []
        : ["public rules were not compared, since a bundle has none; compare the dist/ folder"]),
      ...listRenamed(was, is),
    ],
    follows: first !== undefined && second !== undefined ? toFollows(first, second) : undefined,
  });
}

interface Loaded {
  readonly explain: Explain;
  readonly revision: string;
}

async function loadModules(
  sides: readonly [Side, Side],
): Promise<Result<readonly (Loaded | undefined)[], readonly string[]>> {
  const found: (Loaded | undefined)[] = [];
  for (const { engine, policy } of sides) {
    const loaded = await engine?.loadModule();
    if (loaded?.ok === false) return loaded;
    found.push(
      engine === undefined || loaded === undefined
        ? undefined
        : { explain: createExplain(loaded.value.module, engine.data, policy), revision: loaded.value.revision },
    );
  }
  return ok(found);
}

function toPlaces({ kind: ofChange, by }: Change, before: Side, after: Side): readonly string[] {
  // A rule of a loss was there before, and may say something else now.
  const sides = ofChange === "loss" ? [before, after] : [after, before];
  return by.flatMap((name) => {
    for (const { engine } of sides) {
      for (const kind of ["grant", "denial", "public"]) {
        const place = engine?.places.get(`${kind} ${name}`);
        if (place !== undefined) return [`${name} (${place.file}:${place.line})`];
      }
    }
    return [name];
  });
}

/** Lists the conditions that changed and that somebody's access depends on. */
function listChanged(changes: readonly Change[], { sides }: WitnessFacts): readonly ChangedCondition[] {
  const rules = new Set(changes.filter(({ kind }) => kind === "condition").flatMap(({ by }) => by));
  const names = sides.flatMap(({ grants, denials }) =>
    [...rules].flatMap((rule) => [...(grants[rule]?.when ?? []), ...(denials[rule]?.unless ?? [])]),
  );
  const [before, after] = sides;
  return [...new Set(names)].sort().flatMap((name) => {
    const [was, is] = [own(before.conditions, name), own(after.conditions, name)];
    if (was === undefined || is === undefined || was.digest === is.digest) return [];
    return [{ name, before: was.text, after: is.text }];
  });
}

/** Lists conditions that have another name and the same digest. */
function listRenamed(before: AccessPolicy, after: AccessPolicy): readonly string[] {
  const names = ({ conditions }: AccessPolicy) =>
    new Map(Object.entries(conditions).map(([name, { digest }]) => [digest, name]));
  const old = names(before);
  return [...names(after)].flatMap(([digest, name]) => {
    const was = old.get(digest);
    if (was === undefined || Object.hasOwn(before.conditions, name) || Object.hasOwn(after.conditions, was)) return [];
    return [`the condition ${was} is called ${name} now`];
  });
}

import type { EngineInput } from "../contract/engine-input.ts";
import type { BuiltModule } from "./module.ts";

/** A change that one or more requests show. */
export interface Change {
  /** The effect on the request, in the order of severity. */
  readonly kind: "opened" | "closed" | "explained otherwise" | "entitled otherwise";
  /** The decision of the version in use, such as `deny role.missing`. */
  readonly before: string;
  readonly after: string;
  readonly count: number;
  /** The shortest input that shows it. */
  readonly witness: EngineInput;
}

/** The result of a comparison. */
export interface Comparison {
  /** The number of decisions that were compared. */
  readonly decisions: number;
  /** The number of principals whose entitlements were compared. */
  readonly entitlements: number;
  readonly changes: readonly Change[];
}

const ORDER: readonly Change["kind"][] = ["opened", "closed", "explained otherwise", "entitled otherwise"];

/** Entitlements are lists of all grants, so comparing them takes far longer than comparing decisions. */
const MAX_HOLDERS = 500;

/** Compares the decisions of two modules for some inputs, and the entitlements of the principals in them. */
export function compareModules(before: BuiltModule, after: BuiltModule, inputs: Iterable<EngineInput>): Comparison {
  const changes = new Map<string, Change>();
  const note = (kind: Change["kind"], was: string, is: string, witness: EngineInput) => {
    const key = `${kind}\n${was}\n${is}`;
    const { count, witness: other } = changes.get(key) ?? { count: 0, witness };
    const shorter = JSON.stringify(witness).length < JSON.stringify(other).length ? witness : other;
    changes.set(key, { kind, before: was, after: is, count: count + 1, witness: shorter });
  };
  let decisions = 0;
  const holders = new Map<string, EngineInput>();
  for (const input of inputs) {
    decisions++;
    const [was, is] = [before.decide(input), after.decide(input)];
    if (was !== is) note(kindOf(was, is), was, is, input);
    const { request: _request, ...holder } = input;
    if (input.principal !== undefined && holders.size < MAX_HOLDERS) holders.set(JSON.stringify(holder), holder);
  }
  for (const holder of holders.values()) {
    const [was, is] = [before.listEntitlements(holder), after.listEntitlements(holder)];
    // The lists are long, so all principals whose list differs are one change.
    if (was !== is) note("entitled otherwise", "", "", holder);
  }
  const sorted = [...changes.values()].sort((one, other) => ORDER.indexOf(one.kind) - ORDER.indexOf(other.kind));
  return { decisions, entitlements: holders.size, changes: sorted };
}

function kindOf(before: string, after: string): Change["kind"] {
  const isAllow = (decision: string) => decision.startsWith("allow ");
  if (isAllow(before) === isAllow(after)) return "explained otherwise";
  return isAllow(after) ? "opened" : "closed";
}

/** Formats a change as a line with its witness, which `opa eval` takes as an input. */
export function formatChange({ kind, before, after, count, witness }: Change): string {
  const requests = count === 1 ? "1 input" : `${count} inputs`;
  const change = kind === "entitled otherwise" ? "" : `: ${before} → ${after}`;
  return `${kind}${change} (${requests}, such as ${JSON.stringify(witness)})`;
}

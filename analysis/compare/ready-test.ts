import { isDeepStrictEqual } from "node:util";
import type { EngineInput } from "../../contract/engine-input.ts";
import { nameOfInstance } from "../access/lock.ts";
import { formatApis } from "../access/lock-lines.ts";
import type { Change } from "../access/model.ts";
import { formatWho } from "../access/who.ts";
import type { Witness } from "../access/witness.ts";
import { formatReadyCase } from "../mutation/ready-case.ts";
import type { Explain, Explained } from "./confirm.ts";

/** The modules of both sides; undefined for a lock. */
type Explains = readonly [before: Explain | undefined, after: Explain | undefined];

/**
 * Formats a test that holds after a gain or loss, and not before it. It is a case of a table test, on one line; or, if the change
 * depends on conditions, a test of its own, which says what they answer.
 *
 * @returns Undefined for another change, and if one condition must be true for one of its parameters and not for another.
 */
export function toReadyTest(change: Change, { input, assumes }: Witness, explains: Explains): string | undefined {
  if (change.kind !== "gain" && change.kind !== "loss") return undefined;
  const isGain = change.kind === "gain";
  const asked = [...change.terms.before, ...change.terms.after].flatMap(({ conditions }) => conditions);
  // Of a lock, only an access without conditions is certain.
  const [was, is] = explains.map((explain, side) => {
    return explain === undefined && asked.length === 0 ? (side === 1) === isGain : explain?.(input)?.isAllowed;
  });
  const isPlain = was !== undefined && is !== undefined && was !== is;
  const effect = (isPlain ? is : isGain) ? "allow" : "deny";
  const may = effect === "allow" ? "may" : "may not";
  const { who, verbs, region, apis } = change;
  const title = [formatWho(who), may, verbs.join(","), region.path, ...formatApis(apis)].join(" ");
  if (isPlain) return formatReadyCase(title, toCaseInput(input, explains, isDecidedSame), effect);
  const truths = toTruths(assumes);
  if (truths === undefined || truths.length === 0) return undefined;
  return formatTest(truths, formatReadyCase(title, toCaseInput(input, explains, isAskedSame), effect).slice(0, -1));
}

type Truths = readonly (readonly [condition: string, truth: boolean])[];

/** Lists what conditions answer, whatever their parameters are; undefined if that is not the same for all parameters. */
function toTruths(assumes: Witness["assumes"]): Truths | undefined {
  const truths = new Map<string, boolean>();
  for (const [instance, truth] of Object.entries(assumes)) {
    const name = nameOfInstance(instance);
    if (truths.has(name) && truths.get(name) !== truth) return undefined;
    truths.set(name, truth);
  }
  return [...truths].sort(([one], [other]) => (one < other ? -1 : 1));
}

function formatTest(truths: Truths, readyCase: string): string {
  const name = truths.map(([condition, truth]) => `${truth ? "" : "not_"}${condition}`).join("_and_");
  const answers = truths.map(([condition, truth]) => ` with data.access.conditions.${condition} as ${truth}`);
  return [
    `test_if_${name}[name] if {`,
    `\tsome name, case in {${readyCase}}`,
    "",
    `\tengine.decision.effect == case.effect with input as testing.input_for(case)${answers.join("")}`,
    "}",
  ].join("\n");
}

type IsSame = (one: Explained | undefined, other: Explained | undefined) => boolean;

const isDecidedSame: IsSame = (one, other) => one?.isAllowed === other?.isAllowed;

/** Tells whether the same conditions are asked for, whatever they answer. */
const isAskedSame: IsSame = (one, other) =>
  isDeepStrictEqual({ ...one, isAllowed: undefined }, { ...other, isAllowed: undefined });

/** Adds what a case of a test has by default, if that changes nothing: then the case need not say that it has it not. */
function toCaseInput(input: EngineInput, explains: Explains, isSame: IsSame): EngineInput {
  const { principal, request } = input;
  const usual: EngineInput = {
    principal: { kind: "user", ...principal },
    request: { source_ip: "192.0.2.1", ...request },
    now_s: 1_000_000,
  };
  // Of a lock, nobody can say what it changes.
  const isUsual = explains.every((explain) => explain !== undefined && isSame(explain(input), explain(usual)));
  return isUsual ? usual : input;
}

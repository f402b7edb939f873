import { type Denying, formatDenying, formatLifting, implies, toSaid } from "./denying.ts";
import type { Field } from "./field.ts";
import { createMemory, createObjectMemory } from "./memory.ts";
import type { AccessLine, Region, Who } from "./model.ts";
import { meetOf, type Point, toPoints } from "./points.ts";
import { toRegions } from "./regions.ts";
import { type ComparedRule, toVerbs } from "./rules.ts";
import { formatAtom, formatWho } from "./who.ts";

/** Finds what the denials at a point say for a method. */
type DeniedAt = (point: Point, methods: number) => readonly Denying[];

interface Places {
  readonly denying: Denying;
  readonly places: { readonly point: Point; readonly methods: number }[];
}

/** Writes the denials of a policy as lines that depend on whom they deny, and not on how they are written. */
export function toDenyLines(field: Field): readonly AccessLine[] {
  const [side] = field.sides;
  if (side === undefined) return [];
  const said = createMemory(
    (denials: readonly ComparedRule[]) => toSaid(denials, side.table),
    (denials) => listDemands(denials).join(),
  );
  const deniedAt = createDeniedAt(field, said);
  const found = new Map<string, { readonly who: Who; readonly said: Map<string, Places> }>();
  for (const point of listDenialPoints(field, side.denials, said)) {
    for (const methods of field.methodsAt(point)) {
      for (const denying of deniedAt(point, methods)) {
        const ofWho = found.get(formatWho(denying.who)) ?? { who: denying.who, said: new Map<string, Places>() };
        found.set(formatWho(denying.who), ofWho);
        const key = formatDenying(denying);
        const known = ofWho.said.get(key) ?? { denying, places: [] };
        known.places.push({ point, methods });
        ofWho.said.set(key, known);
      }
    }
  }
  return [...found.values()].flatMap((one) => toLinesOf(field, one.who, [...one.said.values()], deniedAt));
}

/** Finds what denials say together. */
type Said = (denials: readonly ComparedRule[]) => readonly Denying[];

/** Writes whom denials are for and what lifts them, each once: what they say together depends on nothing else. */
function listDemands(denials: readonly ComparedRule[]): readonly string[] {
  return [...new Set(denials.map(formatDemand))].sort();
}

const formatDemand = createObjectMemory(({ roles, variables, formulas }: ComparedRule) => {
  return JSON.stringify([roles, variables, formulas]);
});

function createDeniedAt({ matching, count }: Field, said: Said): DeniedAt {
  return (point, methods) => {
    const [here] = matching(point);
    const isAbout = (rule: ComparedRule) => (rule.methods & methods) !== 0;
    if (here === undefined || here.publicRules.some(isAbout)) return [];
    const denials = here.denials.filter(isAbout);
    count(denials[0]?.name ?? "", denials.length);
    return said(denials);
  };
}

/**
 * Lists the points of denials, and those that denials share where more follows from them together: one is lifted by what the
 * other one is for, or both are lifted by something that a token carries.
 */
function listDenialPoints(
  { sides: [side], longest, count, matching }: Field,
  denials: readonly ComparedRule[],
  said: Said,
): readonly Point[] {
  const points = new Map<string, Point>();
  const isCombined = createCombined(denials, said);
  const waiting: Point[] = [];
  const add = (point: Point, isWaiting: boolean): void => {
    if (points.has(point.key)) return;
    points.set(point.key, point);
    if (isWaiting) waiting.push(point);
  };
  for (const denial of denials) {
    count(denial.name);
    for (const point of toPoints(denial, longest)) add(point, isCombined(denial));
  }
  for (let point = waiting.pop(); point !== undefined; point = waiting.pop()) {
    const [here] = matching(point);
    const known = new Set(here?.denials.map((one) => `${one.methods} ${formatDemand(one)}`));
    for (const other of side?.denialTree.meeting(point) ?? []) {
      // A denial of whom the same is said already adds nothing.
      const isMore = isCombined(other) && !known.has(`${other.methods} ${formatDemand(other)}`);
      count(other.name, isMore ? 10 : 1);
      const met = isMore ? meetOf(point, other) : undefined;
      if (met !== undefined) add(met, true);
    }
  }
  return [...points.values()];
}

/** Tells which denials are lifted by something that a token carries, or are for something that lifts one. */
function createCombined(denials: readonly ComparedRule[], said: Said): (denial: ComparedRule) => boolean {
  const lifted = denials.filter(({ formulas }) => formulas.length > 0);
  const lifting = new Set(
    lifted.flatMap((denial) =>
      said([denial]).flatMap(({ who, lifting }) => {
        const held = new Set(toTexts(who));
        return lifting.flatMap(toTexts).filter((text) => !held.has(text));
      }),
    ),
  );
  return createMemory(
    (denial) =>
      lifting.size > 0 &&
      (denial.formulas.length > 0 || said([denial]).some(({ who }) => toTexts(who).some((text) => lifting.has(text)))),
    (denial) => denial,
  );
}

/** Names what a principal holds. Whoever has a scope is a machine. */
function toTexts({ atoms, issuer }: Who): readonly string[] {
  const held = atoms.flatMap((atom) => [formatAtom(atom), ...(atom.by === "scope" ? ["kind machine"] : [])]);
  return issuer === undefined ? held : [...held, `@${issuer}`];
}

function toLinesOf(field: Field, who: Who, said: readonly Places[], deniedAt: DeniedAt): readonly AccessLine[] {
  const lines = new Map<string, { readonly region: Region; readonly methods: number; readonly unless: number[] }>();
  for (const { denying, places } of said) {
    const { lifting, variable = lifting.length === 0 ? undefined : field.variables.roles(formatLifting(denying)) } =
      denying;
    const holds = (point: Point, methods: number) => deniedAt(point, methods).some((one) => implies(one, denying));
    const text = formatDenying(denying);
    const isSaid = (point: Point, methods: number) =>
      deniedAt(point, methods).some((one) => formatDenying(one) === text);
    for (const { region, methods } of toRegions(places, field.longest, { holds, isSaid })) {
      const key = `${methods} ${region.path} ${variable === undefined}`;
      const known = lines.get(key) ?? { region, methods, unless: [] };
      if (variable !== undefined) known.unless.push(variable);
      lines.set(key, known);
    }
  }
  return [...lines.values()].map(({ region, methods, unless }) => ({
    kind: "deny",
    who,
    verbs: toVerbs(methods),
    region,
    unless: field.variables.toTerms(0, unless).conditions,
    apis: undefined,
  }));
}

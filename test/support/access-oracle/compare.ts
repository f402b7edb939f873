import type { AccessPolicy } from "../../../analysis/access/model.ts";
import { segmentsOf } from "../../../contract/path-template.ts";
import { parsePolicyIndex } from "../../../contract/policy-data.ts";
import type { PolicyIndex } from "../../../contract/policy-index.ts";
import type { Denial, Grant } from "../oracle.ts";
import type { OracleModules } from "./modules.ts";
import { type AccessCase, toAccessPolicy, toInstance, toMakerInput } from "./policy.ts";
import { type Person, type Point, toUniverse, type Universe, unique, withOwn } from "./universe.ts";

/** A letter for each set of conditions that hold: allowed, denied by a denial, or neither; public without a decision. */
export type Letters = string;

/** A policy with its index, ready for questions. */
export interface Side {
  readonly policy: AccessCase;
  readonly index: PolicyIndex;
  readonly data: { readonly engine: { readonly index: { readonly compiled: unknown } }; readonly formulas: object };
  readonly access: AccessPolicy;
}

export interface Difference {
  readonly point: Point;
  readonly person: Person;
  readonly before: Letters;
  readonly after: Letters;
  /** All truths of the conditions that the rules at this point name: for each, the instances that hold. */
  readonly truths: Truths;
}

export type Truths = readonly (readonly string[])[];

export interface Oracle {
  readonly sides: readonly [Side, Side];
  readonly universe: Universe;
  /** Decides as OPA does for a principal at a point, for all truths of the conditions of both sides. */
  readonly decide: (point: Point, person: Person) => Pick<Difference, "before" | "after" | "truths">;
  /** The roles of a principal under the first policy. */
  readonly rolesOf: (person: Person) => readonly string[];
  /** The principals with different roles, of those that are the same by a text, and points with different rules. */
  readonly listDistinct: (
    isInside: (point: Point) => boolean,
    toText: (person: Person) => string,
  ) => { readonly points: readonly Point[]; readonly people: readonly Person[] };
  /** Lists where OPA decides differently: one point and principal of each class, or at most so many. */
  readonly differences: (perClass?: number) => readonly Difference[];
  /** The number of decisions that OPA made, and the number of requests of principals that they stand for. */
  readonly counts: () => { readonly decisions: number; readonly requests: number };
}

/** Points with the same rules on both sides. */
interface PointClass {
  readonly points: Point[];
  readonly isPublic: readonly boolean[];
  /** The positions that grants compare with claims. */
  readonly wheres: readonly (readonly [position: number, claim: string])[];
  /** The roles that the rules name, themselves or in conditions. */
  readonly roles: ReadonlySet<string>;
  readonly truths: Truths;
}

type RuleNames = readonly [grants: readonly string[], denials: readonly string[]];

const NO_DATA = {};

/** The number of questions in one call of OPA, so that its memory suffices. */
const PER_CALL = 150;

/** Computes the index of a policy, and what the analysis of access reads. */
function createSide({ maker }: OracleModules, policy: AccessCase): Side {
  const compiled = answerOf(maker("oracle/compiled", toMakerInput(policy), NO_DATA));
  const parsed = parsePolicyIndex(compiled);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  const formulas = Object.fromEntries(
    Object.entries(policy.conditions).flatMap(([name, { roles }]) => (roles === undefined ? [] : [[name, roles]])),
  );
  return {
    policy,
    index: parsed.value,
    data: { engine: { index: { compiled } }, formulas },
    access: toAccessPolicy(policy, parsed.value),
  };
}

/**
 * Compares what OPA decides for two policies.
 *
 * OPA says which rules match each point and which roles each principal has. Requests are one question if the same rules match,
 * the principals have the same of the roles that these name, and the same claims equal the same segments. OPA decides each
 * question, for all truths of the conditions.
 */
export function createOracle(modules: OracleModules, before: AccessCase, after: AccessCase): Oracle {
  const sides = [createSide(modules, before), createSide(modules, after)] as const;
  const universe = toUniverse(before, after);
  const { people, ownValues } = universe;
  const counted = { decisions: 0, requests: 0 };
  const rolesOf = new Map<string, readonly (readonly string[])[]>();
  const answers = new Map<string, readonly [Letters, Letters]>();
  const classes = toClasses();
  const wheres = [before, after].flatMap(({ grants }) => Object.values(grants).map(({ where = {} }) => where));
  const mostCompared = Math.max(2, ...wheres.map((where) => new Set(Object.values(where)).size));
  const classOf = new Map(classes.flatMap((one) => one.points.map((point) => [toPointKey(point), one] as const)));

  function toClasses(): readonly PointClass[] {
    const { points } = universe;
    const requests = points.map(toRequest);
    const matches = sides.map(({ data }) => ask<readonly RuleNames[]>(modules.engine, "matches", { requests }, data));
    const open = sides.map(({ policy }) => {
      if (Object.keys(policy.publicRules).length === 0) return points.map(() => false);
      const input = { ...toMakerInput(policy), asked: requests };
      return answerOf(modules.maker("oracle/is_public", input, NO_DATA)) as readonly boolean[];
    });
    const found = new Map<string, PointClass>();
    for (const [at, point] of points.entries()) {
      const isPublic = open.map((list) => list[at] === true);
      const names = matches.map((list): RuleNames => list[at] ?? [[], []]);
      const key = JSON.stringify([isPublic, names]);
      const known = found.get(key);
      if (known === undefined) found.set(key, { ...toDetails(names), isPublic, points: [point] });
      else known.points.push(point);
    }
    return [...found.values()];
  }

  function toDetails(names: readonly RuleNames[]) {
    const wheres: (readonly [number, string])[] = [];
    const instances: string[] = [];
    const roles: string[] = [];
    const learn = (
      policy: AccessCase,
      { path, roles: own = [] }: Grant | Denial,
      conditions: readonly string[] = [],
    ) => {
      instances.push(...instancesOf(policy, conditions, path));
      const formulas = conditions.flatMap((name) => policy.conditions[name]?.roles ?? []);
      roles.push(...own, ...formulas.flatMap(({ has, lacks }) => [...has, ...lacks]));
    };
    for (const [side, { policy }] of sides.entries()) {
      const [grants = [], denials = []] = names[side] ?? [];
      for (const rule of grants.flatMap((name) => policy.grants[name] ?? [])) {
        const segments = segmentsOf(rule.path);
        for (const [param, claim] of Object.entries(rule.where ?? {}))
          wheres.push([segments.indexOf(`{${param}}`), claim]);
        learn(policy, rule, rule.when);
      }
      for (const rule of denials.flatMap((name) => policy.denials[name] ?? [])) learn(policy, rule, rule.unless);
    }
    return { wheres, roles: new Set(roles), truths: toTruths(unique(instances).sort()) };
  }

  function learnRoles(list: readonly Person[]): void {
    const missing = list.filter((person) => !rolesOf.has(JSON.stringify(person)));
    if (missing.length === 0) return;
    const held = sides.map(({ data }) => ask<string[][]>(modules.engine, "roles", { principals: missing }, data));
    for (const [at, person] of missing.entries()) {
      rolesOf.set(
        JSON.stringify(person),
        held.map((list) => list[at] ?? []),
      );
    }
  }

  const numbers = new Map<PointClass, number>(classes.map((one, at) => [one, at]));

  function keyOf(
    one: PointClass,
    segments: readonly string[],
    person: Person,
    held: readonly (readonly string[])[],
  ): string {
    const equal = one.wheres.map(([at, claim]) => (person.claims[claim] === segments[at] ? "=" : "-"));
    const roles = held.map((list) => list.filter((role) => one.roles.has(role)).join(","));
    return `${numbers.get(one)} ${equal.join("")} ${roles.join(" ")}`;
  }

  function answerAll(questions: readonly Question[]): void {
    for (let from = 0; from < questions.length; from += PER_CALL) {
      const some = questions.slice(from, from + PER_CALL);
      const asked = some.map(({ one, point, person }) => ({
        principal: person,
        request: toRequest(point),
        holds: one.truths,
      }));
      const letters = sides.map(({ data }) => ask<string[]>(modules.engine, "effects", { asked }, data));
      for (const [at, { key, one }] of some.entries()) {
        const [before = "", after = ""] = letters.map((list, side) => {
          const text = list[at] ?? "";
          counted.decisions += text.length;
          return one.isPublic[side] ? "p".repeat(text.length) : text;
        });
        answers.set(key, [before, after]);
      }
    }
  }

  function decide(point: Point, person: Person) {
    const one = classOf.get(toPointKey(point));
    if (one === undefined) throw new Error(`the universe has no ${toPointKey(point)}`);
    learnRoles([person]);
    const key = keyOf(one, point.segments, person, rolesOf.get(JSON.stringify(person)) ?? []);
    if (!answers.has(key)) answerAll([{ key, one, point, person }]);
    const [before = "", after = ""] = answers.get(key) ?? [];
    return { before, after, truths: one.truths };
  }

  function differences(perClass = 1): readonly Difference[] {
    const owns = toOwns(ownValues, mostCompared);
    const everybody = people.flatMap((person) =>
      owns.flatMap((own) => (isConsistent(person, own) ? [withOwn(person, own)] : [])),
    );
    learnRoles(everybody);
    // One principal for each set of roles and values of the compared claims.
    const groups = new Map<string, { readonly held: readonly (readonly string[])[]; readonly members: Person[] }>();
    for (const person of everybody) {
      const held = rolesOf.get(JSON.stringify(person)) ?? [];
      const id = JSON.stringify([held, ...Object.keys(ownValues).map((claim) => person.claims[claim])]);
      const same = groups.get(id);
      if (same === undefined) groups.set(id, { held, members: [person] });
      else same.members.push(person);
    }
    const questions = new Map<string, Question & { readonly members: (readonly [Point, readonly Person[]])[] }>();
    for (const one of classes) {
      // Without a comparison of a segment with a claim, all points of the class are one question.
      const points = one.wheres.length === 0 ? one.points.slice(0, 1) : one.points;
      for (const { held, members } of groups.values()) {
        const [person] = members;
        if (person === undefined) continue;
        for (const point of points) {
          const key = keyOf(one, point.segments, person, held);
          const known = questions.get(key);
          if (known === undefined) questions.set(key, { key, one, point, person, members: [[point, members]] });
          else if (perClass > 1) known.members.push([point, members]);
        }
      }
    }
    answerAll([...questions.values()].filter(({ key }) => !answers.has(key)));
    counted.requests += universe.points.length * everybody.length;
    return [...questions.values()].flatMap(({ key, one, members }) => {
      const [before = "", after = ""] = answers.get(key) ?? [];
      if (before === after) return [];
      const all = members.flatMap(([point, list]) => {
        const points = one.wheres.length === 0 ? one.points : [point];
        return points.flatMap((point) => list.map((person) => ({ point, person, before, after, truths: one.truths })));
      });
      return spread(all, perClass);
    });
  }

  function listDistinct(isInside: (point: Point) => boolean, toText: (person: Person) => string) {
    const owns = toOwns(ownValues, mostCompared);
    const everybody = people.flatMap((person) =>
      owns.flatMap((own) => (isConsistent(person, own) ? [withOwn(person, own)] : [])),
    );
    learnRoles(everybody);
    const distinct = new Map<string, Person>();
    for (const person of everybody) {
      const compared = Object.keys(ownValues).map((claim) => person.claims[claim]);
      const id = JSON.stringify([rolesOf.get(JSON.stringify(person)), compared, toText(person)]);
      if (!distinct.has(id)) distinct.set(id, person);
    }
    const points = classes.flatMap((one) => {
      const inside = one.points.filter(isInside);
      return one.wheres.length === 0 ? inside.slice(0, 1) : inside;
    });
    return { points, people: [...distinct.values()] };
  }

  function rolesUnderFirst(person: Person): readonly string[] {
    learnRoles([person]);
    return rolesOf.get(JSON.stringify(person))?.[0] ?? [];
  }

  return { sides, universe, decide, rolesOf: rolesUnderFirst, differences, listDistinct, counts: () => counted };
}

interface Question {
  readonly key: string;
  readonly one: PointClass;
  readonly point: Point;
  readonly person: Person;
}

/** Picks at most so many items from all over a list. */
function spread<Item>(items: readonly Item[], most: number): readonly Item[] {
  const step = Math.max(1, items.length / most);
  return items.length <= most ? items : items.filter((_, at) => Math.floor(at / step) !== Math.floor((at - 1) / step));
}

/** Values that `where` compares replace those of the same claim, if that is one text; a list equals no parameter. */
function isConsistent(person: Person, own: Readonly<Record<string, string>>): boolean {
  return Object.keys(own).every((claim) => person.claims[claim] === undefined);
}

/** All values of each claim, together with those of others: of as many claims as a grant compares at once, and of two at least. */
function toOwns(values: Universe["ownValues"], most: number): readonly Readonly<Record<string, string>>[] {
  let owns: readonly (readonly (readonly [claim: string, value: string])[])[] = [[]];
  for (const [claim, list] of Object.entries(values)) {
    const wider = owns.filter(({ length }) => length < most);
    owns = [...owns, ...wider.flatMap((own) => list.map((value) => [...own, [claim, value] as const]))];
  }
  return owns.map((own) => Object.fromEntries(own));
}

/** Lists the instances of the conditions that a rule with this path names; those for roles have none. */
function instancesOf(policy: AccessCase, names: readonly string[], path: string): readonly string[] {
  return names.flatMap((name) => {
    const condition = policy.conditions[name];
    return condition === undefined || condition.roles !== undefined ? [] : [toInstance(name, condition, path)];
  });
}

function toTruths(instances: readonly string[]): readonly (readonly string[])[] {
  if (instances.length > 8) throw new Error("too many conditions at one point");
  return Array.from({ length: 2 ** instances.length }, (_, bits) =>
    instances.filter((_, at) => (bits >> at) % 2 === 1),
  );
}

function toRequest({ method, path, api }: Point): object {
  return { method, path, ...(api !== undefined && { api }) };
}

function toPointKey({ method, path, api }: Point): string {
  return `${method} ${path} ${api ?? ""}`;
}

function ask<Answer>(engine: OracleModules["engine"], name: string, input: object, data: object): Answer {
  return answerOf(engine(`oracle/${name}`, input, data)) as Answer;
}

function answerOf(evaluated: ReturnType<OracleModules["engine"]>): unknown {
  if (!evaluated.ok) throw new Error(evaluated.error);
  const [first] = evaluated.value as readonly { readonly result: unknown }[];
  if (first === undefined) throw new Error("OPA has no answer");
  return first.result;
}

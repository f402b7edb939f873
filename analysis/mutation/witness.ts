import { overlaps, parseTemplate, type Segment } from "../../contract/path-template.ts";
import type { IndexedGrant, PolicyIndex } from "../../contract/policy-index.ts";
import { methodsOfAll } from "../../contract/route.ts";
import type { Decider } from "./decide.ts";
import { type Holder, holdersOf, toInput } from "./holders.ts";
import type { Changed, Mutant } from "./mutants.ts";
import type { FindSurroundings } from "./surroundings.ts";

/** The attempts for one mutant. Most are decided by the first. */
const MAX_ATTEMPTS = 1000;

/** A wish for an input that shows a mutant: a grant that should allow it, on a path, by a method. */
interface Wish {
  /** The API's name; undefined if it is not known. */
  readonly api: string | undefined;
  readonly grant: IndexedGrant;
  readonly method: string;
  readonly template: readonly Segment[];
  readonly roles: readonly string[];
  /** A role that must be held besides one of `roles`. */
  readonly beside: string | undefined;
  readonly conditions: readonly string[];
  readonly unwanted: readonly string[];
  /** Claims that must not equal the path's parameters. */
  readonly unequal: readonly string[];
  /** Whether the principal is of another issuer than the one that its roles are tied to. */
  readonly isOfOtherIssuer: boolean;
}

/**
 * Finds an input that a mutant allows and the policy under test denies; undefined if no attempt is one. The engine decides both,
 * so what is found is true.
 */
export function findWitness(
  mutant: Mutant,
  index: PolicyIndex,
  { decide, findCandidates }: Decider,
  findSurroundings: FindSurroundings,
): unknown {
  /** Lists the conditions of the grant, and those that lift the denials on its path. */
  const conditionsFor = ({ conditions, unwanted, api, method, template }: Wish) => {
    const others = findCandidates({ api, method, path: toPath(template, {}) }).denials.filter(
      (name) => !mutant.changed.some((one) => one.kind === "denial" && one.name === name),
    );
    const lifting = others.flatMap((name) => index.denials[name]?.unless ?? []);
    return [...new Set([...conditions, ...lifting])].filter((name) => !unwanted.includes(name));
  };

  let attempts = 0;
  for (const wish of mutant.changed.slice(0, 8).flatMap((one) => toWishes(one, mutant, index))) {
    for (const surroundings of findSurroundings(conditionsFor(wish), wish.unwanted)) {
      for (const holder of holdersFor(wish, index)) {
        if (attempts++ > MAX_ATTEMPTS) return undefined;
        const path = toPath(wish.template, surroundings.params);
        const input = toInput(holder, surroundings, { api: wish.api, method: wish.method, path }, wish);
        if (decide(input, mutant.changed)?.effect === "allow" && decide(input)?.effect === "deny") return input;
      }
    }
  }
  return undefined;
}

function toWishes(one: Changed, mutant: Mutant, index: PolicyIndex): readonly Wish[] {
  if (one.kind === "roles") {
    const grants = Object.values(index.grants).filter(({ roles }) => roles.includes(one.name));
    return grants.slice(0, 20).flatMap((grant) => {
      const others = { beside: undefined, conditions: grant.when, unwanted: [], unequal: [], isOfOtherIssuer: true };
      const base = { ...others, api: grant.api[0], grant, roles: [one.name], template: parseTemplate(grant.path) };
      return inOrderOfUse(methodsOfAll(grant.verbs)).map((method) => ({ ...base, method }));
    });
  }
  if (one.kind === "grant") {
    const { rule: grant, name } = one;
    const own = index.grants[name];
    const roles = mutant.role === undefined ? grant.roles : [mutant.role];
    const methods = mutant.methods ?? methodsOfAll(grant.verbs);
    const unwanted = (own?.when ?? []).filter((condition) => !grant.when.includes(condition));
    const compared = Object.values(grant.where);
    const unequal = Object.values(own?.where ?? {}).filter((claim) => !compared.includes(claim));
    const others = { beside: undefined, conditions: grant.when, isOfOtherIssuer: false };
    const base = { ...others, api: grant.api[0], grant, roles, unwanted, unequal };
    return inOrderOfUse(methods).map((method) => ({ ...base, method, template: parseTemplate(grant.path) }));
  }
  const denial = index.denials[one.name];
  if (denial === undefined) return [];
  const methods = mutant.methods ?? methodsOfAll(denial.verbs);
  const lifting = one.rule?.unless.length === denial.unless.length ? [] : (one.rule?.unless ?? []);
  const unwanted = denial.unless.filter((condition) => !lifting.includes(condition));
  const besides = mutant.role !== undefined ? [mutant.role] : denial.roles.length > 0 ? denial.roles : [undefined];
  const grants = Object.values(index.grants).filter(({ path }) => overlaps(path, denial.path));
  return grants.slice(0, 20).flatMap((grant) => {
    const shared = methodsOfAll(grant.verbs).filter((method) => methods.includes(method));
    const template = intersect(parseTemplate(grant.path), parseTemplate(denial.path));
    const conditions = [...grant.when, ...lifting];
    // The mutant of a denial for several APIs is that of one of them.
    const api = denial.api.find((name) => one.rule?.api.includes(name) === false) ?? denial.api[0] ?? grant.api[0];
    const base = {
      api,
      grant,
      template,
      roles: grant.roles,
      conditions,
      unwanted,
      unequal: [],
      isOfOtherIssuer: false,
    };
    return inOrderOfUse(shared).flatMap((method) => besides.slice(0, 3).map((beside) => ({ ...base, method, beside })));
  });
}

/** Sorts methods so that a case has a method that people expect. */
function inOrderOfUse(methods: readonly string[]): readonly string[] {
  return [...methods].sort((one, other) => USE.indexOf(one) - USE.indexOf(other));
}

const USE = ["GET", "PUT", "DELETE", "POST", "PATCH", "HEAD", "OPTIONS", "CONNECT"];

function holdersFor({ roles, beside, isOfOtherIssuer }: Wish, index: PolicyIndex): readonly Holder[] {
  const holders = roles.slice(0, 4).flatMap((role) => holdersOf(role, index));
  if (isOfOtherIssuer) return holders.map((holder) => ({ ...holder, issuer: "another" }));
  if (beside === undefined) return holders;
  return holdersOf(beside, index).flatMap((other) => holders.map((holder) => mergeHolders(holder, other)));
}

function mergeHolders(one: Holder, other: Holder): Holder {
  return {
    kind: other.kind ?? one.kind,
    issuer: other.issuer ?? one.issuer,
    groups: [...new Set([...one.groups, ...other.groups])],
    scopes: [...new Set([...one.scopes, ...other.scopes])],
    claims: { ...one.claims, ...other.claims },
  };
}

/** Writes a path that a template matches. A greedy parameter has two segments, which tell it from a parameter of one. */
function toPath(template: readonly Segment[], params: Readonly<Record<string, string>>): string {
  const texts = template.flatMap((segment) => {
    if (segment.kind === "literal") return [segment.text];
    return segment.isGreedy ? ["7", "8"] : [params[segment.name]?.replaceAll("/", "") ?? "7"];
  });
  return `/${texts.join("/")}`;
}

/** Writes the template of the paths that two overlapping templates match. */
function intersect(one: readonly Segment[], other: readonly Segment[]): readonly Segment[] {
  const [longer, shorter] = one.length >= other.length ? [one, other] : [other, one];
  return longer.map((segment, at) => {
    const twin = shorter[at];
    if (segment.kind === "literal" || twin === undefined) return segment;
    return twin.kind === "literal" || !twin.isGreedy ? twin : segment;
  });
}

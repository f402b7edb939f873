import type { Atom, Who } from "../../../analysis/access/model.ts";
import { segmentsOf } from "../../../contract/path-template.ts";
import { HTTP_METHODS } from "../../../contract/route.ts";
import type { AccessCase } from "./policy.ts";

/** A principal as the engine is given it. */
export interface Person {
  readonly kind?: "user" | "machine";
  readonly issuer_name?: string;
  readonly claims: Readonly<Record<string, string | readonly string[]>>;
}

export interface Point {
  readonly method: string;
  readonly path: string;
  readonly segments: readonly string[];
  readonly api?: string;
}

/** Everything that a pair of policies can tell apart, and one of each thing that neither names. */
export interface Universe {
  readonly points: readonly Point[];
  /** All small combinations of what tokens carry; of claims that `where` compares, only those that roles follow from. */
  readonly people: readonly Person[];
  /** The values that each claim of a `where` may have besides none. */
  readonly ownValues: Readonly<Record<string, readonly string[]>>;
}

/** Tells whether a principal carries a thing. */
export function carries({ kind, claims }: Person, atom: Atom): boolean {
  if (atom.by === "group") return textsOf(claims["cognito:groups"]).includes(atom.value);
  if (atom.by === "kind") return kind === atom.value;
  if (atom.by === "scope")
    return kind === "machine" && textsOf(claims["scope"]).join(" ").split(" ").includes(atom.value);
  return atom.by === "claim" && textsOf(claims[atom.claim]).includes(atom.value);
}

/** Tells whether a principal is one of a who: it carries the same, and perhaps more. */
export function isOne(person: Person, { atoms, issuer }: Who): boolean {
  return (issuer === undefined || person.issuer_name === issuer) && atoms.every((atom) => carries(person, atom));
}

/** The principal that carries the atoms of a who and nothing else. */
export function toPerson({ atoms, issuer }: Who): Person {
  const groups = atoms.flatMap((atom) => (atom.by === "group" ? [atom.value] : []));
  const scopes = atoms.flatMap((atom) => (atom.by === "scope" ? [atom.value] : []));
  const kinds = atoms.flatMap((atom) => (atom.by === "kind" ? [atom.value] : []));
  const claims: Record<string, string | string[]> = {};
  if (groups.length > 0) claims["cognito:groups"] = groups;
  if (scopes.length > 0) claims["scope"] = scopes.join(" ");
  for (const atom of atoms) {
    if (atom.by !== "claim") continue;
    const others = claims[atom.claim];
    claims[atom.claim] = others === undefined ? atom.value : [...[others].flat(), atom.value];
  }
  const kind = scopes.length > 0 ? "machine" : kinds[0];
  if (kind !== undefined && kind !== "user" && kind !== "machine") throw new Error(`no kind ${kind}`);
  if (kinds.some((one) => one !== kind)) throw new Error("a principal has one kind");
  return { ...(kind && { kind }), ...(issuer !== undefined && { issuer_name: issuer }), claims };
}

/** Gives a principal the values of the claims of a `where`. */
export function withOwn(person: Person, own: Person["claims"]): Person {
  return { ...person, claims: { ...person.claims, ...own } };
}

function textsOf(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : [value].flat();
}

/** Collects the universe of a pair of policies. */
export function toUniverse(before: AccessCase, after: AccessCase): Universe {
  const policies = [before, after];
  const rules = policies.flatMap(({ grants, denials, publicRules }) =>
    [grants, denials, publicRules].flatMap((table) => Object.values(table)),
  );
  const owns = policies.flatMap(({ grants }) =>
    Object.values(grants).flatMap(({ path, where = {} }) =>
      Object.entries(where).map(([param, claim]) => ({ claim, at: segmentsOf(path).indexOf(`{${param}}`) })),
    ),
  );
  const positionsOf = (claim: string) => unique(owns.filter((one) => one.claim === claim).map(({ at }) => at)).sort();
  const claims = unique(owns.map(({ claim }) => claim));

  const depth = Math.max(0, ...rules.map(({ path }) => segmentsOf(path).length)) + 1;
  const literals = Array.from({ length: depth }, (_, at) =>
    unique(rules.flatMap(({ path }) => segmentsOf(path).slice(at, at + 1)).filter((text) => !text.startsWith("{"))),
  );
  const ofRolesAt = (at: number) =>
    claims
      .filter((claim) => positionsOf(claim).includes(at))
      .flatMap((claim) =>
        policies.flatMap(({ roles }) => Object.values(roles).flatMap((role) => role.claims?.[claim] ?? [])),
      );
  const alphabet = literals.map((own, at) => {
    // A claim that is compared at another position too can equal both segments, and it may give a role. Other claims pass it on.
    const twins = listLinked(at, claims.map(positionsOf)).flatMap((other) => [
      ...(other < at ? [toFresh(other)] : []),
      ...(literals[other] ?? []),
      ...ofRolesAt(other),
    ]);
    return unique([toFresh(at), ...own, ...twins]);
  });
  let paths: (readonly string[])[] = [[]];
  const all = [...paths];
  for (const segments of alphabet) {
    paths = paths.flatMap((path) => segments.map((segment) => [...path, segment]));
    all.push(...paths);
  }

  const verbs = unique(rules.flatMap(({ verbs }) => verbs));
  const other = verbs.includes("ANY") ? HTTP_METHODS.filter((method) => !verbs.includes(method)).slice(0, 1) : [];
  const methods = [...verbs.filter((verb) => verb !== "ANY"), ...other];
  const named = unique(rules.flatMap(({ api = [] }) => api));
  const apis = named.length === 0 ? [undefined] : [...named, "another"];
  const points = all.flatMap((segments) =>
    methods.flatMap((method) =>
      apis.map((api) => ({ method, path: `/${segments.join("/")}`, segments, ...(api !== undefined && { api }) })),
    ),
  );
  const ownValues = Object.fromEntries(
    claims.map((claim) => {
      const values = positionsOf(claim).flatMap((at) => [toFresh(at), ...(alphabet[at] ?? [])]);
      return [claim, unique(values)] as const;
    }),
  );
  return { points, ownValues, people: toPeople(policies, ownValues) };
}

/** Lists the positions whose segments can have to equal the one at a position, itself included if a claim is compared with it. */
function listLinked(at: number, positionsOfClaims: readonly (readonly number[])[]): readonly number[] {
  const linked = new Set([at]);
  // Positions that are added while the set is read are read, too.
  for (const one of linked) {
    for (const positions of positionsOfClaims)
      if (positions.includes(one)) for (const other of positions) linked.add(other);
  }
  return [...linked];
}

function toFresh(at: number): string {
  return `f${at}`;
}

function toPeople(policies: readonly AccessCase[], ownValues: Universe["ownValues"]): readonly Person[] {
  const roles = policies.flatMap(({ roles }) => Object.values(roles));
  const claims = roles.flatMap(({ claims = {} }) =>
    Object.entries(claims).flatMap(([claim, values]) =>
      values.map((value) => ({ by: "claim", claim, value }) as const satisfies Atom),
    ),
  );
  const toAtoms = (by: "group" | "scope", values: readonly string[]) => values.map((value) => ({ by, value }) as const);
  const atoms: readonly Atom[] = uniqueBy(
    [
      ...toAtoms(
        "group",
        roles.flatMap(({ groups = [] }) => groups),
      ),
      ...toAtoms(
        "scope",
        roles.flatMap(({ scopes = [] }) => scopes),
      ),
      ...claims,
    ],
    JSON.stringify,
  );
  const isCombined = policies.some(({ conditions, grants, denials }) =>
    [...Object.values(grants), ...Object.values(denials)].some((rule) =>
      [...("when" in rule ? (rule.when ?? []) : []), ...("unless" in rule ? (rule.unless ?? []) : [])].some(
        (name) => conditions[name]?.roles !== undefined,
      ),
    ),
  );
  const kinds = unique(["none", ...roles.flatMap(({ kinds = [] }) => kinds)]);
  const issuers = [undefined, ...unique(roles.flatMap(({ issuers = [] }) => issuers))];
  const people = subsets(atoms, isCombined ? 3 : 2).flatMap((chosen) => {
    const isMachine = chosen.some(({ by }) => by === "scope");
    return issuers.flatMap((issuer) =>
      (isMachine ? ["none"] : kinds).map((kind) =>
        toPerson({
          issuer,
          atoms: kind === "none" ? chosen : [...chosen, { by: "kind", value: kind }],
        }),
      ),
    );
  });
  // A claim that roles follow from and that `where` compares: one text, or a list, which equals no parameter.
  const withLists = people.flatMap((person) => {
    const both = Object.entries(person.claims).filter(([claim, value]) => claim in ownValues && !Array.isArray(value));
    const [claim, value] = both[0] ?? [];
    if (claim === undefined || value === undefined) return [person];
    return [person, { ...person, claims: { ...person.claims, [claim]: [value].flat() } }];
  });
  return withLists;
}

function subsets<Value>(values: readonly Value[], most: number): readonly (readonly Value[])[] {
  let last: (readonly [readonly Value[], number])[] = [[[], 0]];
  const all: (readonly Value[])[] = [[]];
  for (let size = 1; size <= most; size += 1) {
    last = last.flatMap(([chosen, from]) =>
      values.slice(from).map((value, at) => [[...chosen, value], from + at + 1] as const),
    );
    all.push(...last.map(([chosen]) => chosen));
  }
  return all;
}

/** Lists each value once. */
export function unique<Value>(values: readonly Value[]): Value[] {
  return [...new Set(values)];
}

function uniqueBy<Value>(values: readonly Value[], toKey: (value: Value) => string): readonly Value[] {
  return [...new Map(values.map((value) => [toKey(value), value])).values()];
}

import { parseTemplate } from "../contract/path-template.ts";
import type { IndexedGrant, PolicyIndex } from "../contract/policy-index.ts";
import { listRoleWays } from "../contract/role-ways.ts";
import type { Claims, Machine, User } from "./users.ts";

/** A user or machine, and the claims of the token that an example uses. */
export interface Caller {
  readonly account: User | Machine;
  readonly claims: Claims;
}

/** A request by one caller. */
export interface Asked {
  readonly method: string;
  /** Percent-encoded. */
  readonly path: string;
}

/** A caller, a request that is allowed, and one that is denied if one was found. */
export interface Example<One extends Caller> {
  readonly caller: One;
  readonly allowed: Asked;
  readonly denied: Asked | undefined;
}

/** Sends a request through the built authorizer, and tells what it decided. */
type Ask<One> = (caller: One, asked: Asked) => Promise<"allowed" | "denied" | "other">;

/** The most requests that are tried for each half of an example, so that no policy delays the start. */
export const MOST_TRIED = 200;

/** The value of parameters that no claim is named for. */
const SAMPLE_VALUE = "1";

/**
 * Finds a caller with a request that the policy allows, and one that it denies.
 *
 * Every answer is the built authorizer's. What is read from the index here only decides which requests are tried first.
 *
 * @returns Undefined if none of the requests that were tried is allowed.
 */
export async function findExample<One extends Caller>(
  callers: readonly One[],
  index: PolicyIndex,
  ask: Ask<One>,
): Promise<Example<One> | undefined> {
  const grants = Object.values(index.grants).filter((grant) => methodOf(grant) !== undefined);
  const rolesOf = new Map(callers.map((caller) => [caller, guessRoles(caller, index)]));
  const mayHold: MayHold<One> = (caller, { roles }) => roles.some((role) => rolesOf.get(caller)?.has(role));
  const allowing = sortBy(grants, (grant) => [
    methodOf(grant) === "GET" ? 0 : 1,
    Object.keys(grant.where).length > 0 ? 0 : 1,
    grant.when.length,
    grant.roles.includes("authenticated") ? 1 : 0,
    parametersOf(grant) - Object.keys(grant.where).length,
    grant.path.length,
  ]);
  const found = await firstOf(toLikelyFirst(callers, allowing, mayHold), ask, "allowed");
  if (found === undefined) return undefined;
  const { caller } = found;
  const denying = sortBy(grants, (grant) => [
    mayHold(caller, grant) ? 1 : 0,
    methodOf(grant) === "GET" ? 0 : 1,
    parametersOf(grant),
    grant.path.length,
  ]);
  const denied = await firstOf(toPairs([caller], denying), ask, "denied");
  return { caller, allowed: found.asked, denied: denied?.asked };
}

/** Guesses whether a caller holds a grant. */
type MayHold<One> = (caller: One, grant: IndexedGrant) => boolean;

interface Pair<One extends Caller> {
  readonly caller: One;
  readonly asked: Asked;
}

async function firstOf<One extends Caller>(
  pairs: Iterable<Pair<One>>,
  ask: Ask<One>,
  wanted: "allowed" | "denied",
): Promise<Pair<One> | undefined> {
  let tried = 0;
  for (const pair of pairs) {
    if ((await ask(pair.caller, pair.asked)) === wanted) return pair;
    tried += 1;
    if (tried === MOST_TRIED) return undefined;
  }
  return undefined;
}

/** Pairs each grant with the callers who may hold it, and then with the others. */
function* toLikelyFirst<One extends Caller>(
  callers: readonly One[],
  grants: readonly IndexedGrant[],
  mayHold: MayHold<One>,
): Generator<Pair<One>> {
  for (const isLikely of [true, false]) {
    for (const grant of grants) {
      yield* toPairs(
        callers.filter((caller) => mayHold(caller, grant) === isLikely),
        [grant],
      );
    }
  }
}

function* toPairs<One extends Caller>(callers: readonly One[], grants: readonly IndexedGrant[]): Generator<Pair<One>> {
  for (const grant of grants) {
    for (const caller of callers) {
      const asked = toRequest(grant, caller.claims);
      if (asked !== undefined) yield { caller, asked };
    }
  }
}

/** Guesses the roles of a caller, by the groups, scopes and texts in claims that the policy names. */
function guessRoles({ account }: Caller, { roles }: PolicyIndex): ReadonlySet<string> {
  const claims = { ...account.claims, ...("accessClaims" in account && account.accessClaims) };
  const values = Object.values(claims).map((value) => (typeof value === "string" ? value : JSON.stringify(value)));
  const words = new Set([
    ...("groups" in account ? account.groups : account.scopes),
    ...values.flatMap((value) => [value, ...value.split(/[[\],"]+ */)]),
  ]);
  const held = listRoleWays(roles).flatMap(({ by, value, roles: given }) =>
    by !== "kind" && words.has(value) ? given : [],
  );
  const ofKind = roles.kinds["groups" in account ? "user" : "machine"] ?? [];
  return new Set(["authenticated", ...ofKind, ...held]);
}

/**
 * Makes a request that matches a grant. A parameter has the value of the claim that it must equal, or of a claim with its name, so that
 * conditions that compare the two are likely to be true.
 *
 * @returns Undefined if the caller lacks a claim that the path must equal.
 */
function toRequest(grant: IndexedGrant, claims: Claims): Asked | undefined {
  const segments: string[] = [];
  for (const segment of parseTemplate(grant.path)) {
    if (segment.kind === "literal") {
      segments.push(segment.text);
      continue;
    }
    const { name } = segment;
    const wanted = Object.hasOwn(grant.where, name) ? grant.where[name] : undefined;
    const value =
      wanted === undefined ? (textOf(claims, `custom:${name}`) ?? textOf(claims, name)) : textOf(claims, wanted);
    if (value === undefined && wanted !== undefined) return undefined;
    segments.push(value ?? SAMPLE_VALUE);
  }
  return { method: methodOf(grant) ?? "GET", path: `/${segments.map(encodeSegment).join("/")}` };
}

/** Encodes a segment with percent signs, except for characters that a path may have as they are (RFC 3986, section 3.3). */
function encodeSegment(segment: string): string {
  return encodeURIComponent(segment).replace(/%(?:3A|40|2C|24|26|2B|3D)/g, decodeURIComponent);
}

function textOf(claims: Claims, name: string): string | undefined {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Chooses the method of an example; undefined for a grant of WebSocket connections only. */
function methodOf({ verbs }: IndexedGrant): string | undefined {
  return verbs.includes("GET") || verbs.includes("ANY") ? "GET" : verbs.find((verb) => verb !== "CONNECT");
}

function parametersOf({ path }: IndexedGrant): number {
  return parseTemplate(path).filter(({ kind }) => kind === "parameter").length;
}

/** Sorts by lists of numbers, the first difference first. */
function sortBy<Item>(items: readonly Item[], rank: (item: Item) => readonly number[]): readonly Item[] {
  return items
    .map((item) => ({ item, rank: rank(item) }))
    .sort((one, other) => {
      const at = one.rank.findIndex((number, position) => number !== other.rank[position]);
      return at === -1 ? 0 : (one.rank[at] ?? 0) - (other.rank[at] ?? 0);
    })
    .map(({ item }) => item);
}

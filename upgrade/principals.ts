import type { EngineInput } from "../contract/engine-input.ts";
import type { HeldRoles, IndexedRoles, NoOtherKeys } from "../contract/policy-index.ts";
import { listRoleWays } from "../contract/role-ways.ts";

/** A principal, or undefined for a request without one. */
export type Principal = EngineInput["principal"];

/**
 * Lists the principals that the roles of a policy tell apart: nobody, a user without anything, a machine and a principal of no
 * kind likewise, one user or machine for each group, scope and claim value, alone, and one with all of them; then the same for
 * each issuer that roles are tied to. Principals with the same in another form, or of no kind, come last: they may hold nothing.
 */
export function toPrincipals({ issuers, ...ofAny }: IndexedRoles): readonly Principal[] {
  const tied = Object.entries(issuers).flatMap(([issuer_name, table]) =>
    toPrincipalsOf(table).map((principal) => ({ ...principal, issuer_name })),
  );
  return [undefined, ...toPrincipalsOf(ofAny), ...tied];
}

function toPrincipalsOf(table: HeldRoles): readonly NonNullable<Principal>[] {
  const { groups, scopes, claims, kinds: _kinds, ...others } = table;
  others satisfies NoOtherKeys;
  const user = (given: Readonly<Record<string, unknown>>): NonNullable<Principal> => ({
    kind: "user",
    claims: { ...given },
  });
  const machine = (scope: string): NonNullable<Principal> => ({ kind: "machine", claims: { scope } });
  const values = Object.entries(claims).flatMap(([name, byValue]) =>
    Object.keys(byValue).map((value) => ({ [name]: value })),
  );
  const all = Object.assign({}, ...values, { "cognito:groups": Object.keys(groups) });
  const allScopes = Object.keys(scopes).join(" ");
  return [
    user({}),
    { kind: "machine", claims: {} },
    { claims: {} },
    ...Object.keys(groups).map((group) => user({ "cognito:groups": [group] })),
    ...Object.keys(scopes).map(machine),
    ...values.map(user),
    user(all),
    machine(allScopes),
    // What is a machine's in a user's token, and the other way round.
    user({ scope: allScopes }),
    { kind: "machine", claims: all },
    { claims: { ...all, scope: allScopes } },
    user(inForm(all, (text) => [text])),
    user(inForm(all, (text) => `[${text}, Other]`)),
    user(inForm(all, (text) => text.toLowerCase())),
  ];
}

/** Writes each text of some claims in another form; lists become their first text. */
function inForm(
  claims: Readonly<Record<string, unknown>>,
  form: (text: string) => unknown,
): Readonly<Record<string, unknown>> {
  const first = (value: unknown) => String(Array.isArray(value) ? (value[0] ?? "") : value);
  return Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, form(first(value))]));
}

/** The part of an input that decides conditions: claims that give no role, the time, and the request without its route. */
export interface Situation {
  readonly claims: Readonly<Record<string, unknown>>;
  readonly request: Omit<NonNullable<EngineInput["request"]>, "method" | "path">;
  readonly now_s: number;
  readonly calendar?: NonNullable<EngineInput["calendar"]>;
}

/** The situation without anything that a condition could read but the time. */
const BARE: Situation = { claims: {}, request: {}, now_s: 1_000_000 };

/** Lists the situations of some inputs, each once, after the bare one. */
export function toSituations(inputs: readonly EngineInput[], roles: IndexedRoles): readonly Situation[] {
  const ofRoles = new Set(["cognito:groups", "scope", ...listRoleWays(roles).map(({ claim }) => claim)]);
  const situations = inputs.map(({ principal, request = {}, now_s = BARE.now_s, calendar }): Situation => {
    const claims = Object.entries(principal?.claims ?? {}).filter(([name]) => !ofRoles.has(name));
    const { method: _method, path: _path, ...others } = request;
    return { claims: Object.fromEntries(claims), request: others, now_s, ...(calendar !== undefined && { calendar }) };
  });
  return [...new Map([BARE, ...situations].map((one) => [JSON.stringify(one), one])).values()];
}

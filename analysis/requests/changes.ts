import { isText, own } from "../../contract/json.ts";
import type { RoleWay } from "../../contract/role-ways.ts";
import type { Asked, AskingPrincipal } from "./input.ts";

/** Something that a caller lacks, and the input of a caller who has it. */
export interface Change {
  /** `join the group Support (role support)` */
  readonly lack: string;
  /** How far the caller is from it; the nearest first. */
  readonly cost: number;
  readonly input: Asked;
}

/** Makes the change by which a caller holds a role. */
export function toRoleChange(input: Asked, { by, claim, value, issuer }: RoleWay, role: string): Change {
  const { principal } = input;
  const isTied = issuer !== undefined && principal.issuer_name !== issuer;
  const { lack, cost, gains } = BY[by](principal, claim, value);
  const tied = isTied ? `, in a token of the issuer ${issuer}` : "";
  return {
    lack: `${lack}${tied} (role ${role})`,
    // The role of a claim is further than a claim that a parameter must equal: the caller has none of the grant's roles.
    cost: cost + (isTied ? 2 : 0) + (by === "claim" ? 3 : 0),
    input: { ...input, principal: { ...principal, ...gains, ...(isTied && { issuer_name: issuer }) } },
  };
}

/** Makes the change by which a claim equals the value of a parameter in the path. */
export function toClaimChange(input: Asked, claim: string, value: string): Change {
  const { lack, cost, gains } = gainClaim(input.principal, claim, value);
  return { lack, cost, input: { ...input, principal: { ...input.principal, ...gains } } };
}

/** Makes the change by which a caller no longer carries what gives a role; undefined if the token does not carry it. */
export function toLoss(input: Asked, { by, claim, value }: RoleWay): Change | undefined {
  const { principal } = input;
  if (by === "kind") return undefined;
  const found = own(principal.claims, claim);
  const items = by === "scope" && isText(found) ? found.split(" ") : found;
  const isList = Array.isArray(items) && items.includes(value);
  if (!isList && items !== value) return undefined;
  const { [claim]: _lost, ...claims } = principal.claims;
  const rest = isList ? items.filter((item) => item !== value) : [];
  const left = isList ? { [claim]: by === "scope" ? rest.join(" ") : rest } : {};
  const lack = {
    group: `leave the group ${value}`,
    scope: `have no scope ${value}`,
    claim: `have no ${claim} ${value}`,
  };
  return { lack: lack[by], cost: 2, input: { ...input, principal: { ...principal, claims: { ...claims, ...left } } } };
}

interface Gain {
  readonly lack: string;
  readonly cost: number;
  readonly gains: Partial<AskingPrincipal>;
}

const BY: Readonly<Record<RoleWay["by"], (principal: AskingPrincipal, claim: string, value: string) => Gain>> = {
  group({ claims }, claim, value) {
    const groups = own(claims, claim);
    const all = [...(Array.isArray(groups) ? groups : []), value];
    return { lack: `join the group ${value}`, cost: 3, gains: { claims: { ...claims, [claim]: all } } };
  },
  scope({ kind, claims }, claim, value) {
    const scopes = own(claims, claim);
    const all = isText(scopes) && scopes !== "" ? `${scopes} ${value}` : value;
    const lack = kind === "machine" ? `have the scope ${value}` : `be a machine with the scope ${value}`;
    const gains = { kind: "machine", claims: { ...claims, [claim]: all } } as const;
    return { lack, cost: kind === "user" ? 5 : 3, gains };
  },
  kind({ kind }, _claim, value) {
    const wanted = value === "user" || value === "machine" ? value : undefined;
    const lack =
      kind === undefined
        ? `be a ${value}, and the token proves neither kind`
        : `be a ${value}, and the token is a ${kind}'s`;
    return { lack, cost: kind === undefined ? 3 : 5, gains: wanted === undefined ? {} : { kind: wanted } };
  },
  claim: gainClaim,
};

function gainClaim({ claims }: AskingPrincipal, claim: string, value: string): Gain {
  const found = own(claims, claim);
  const is = found === undefined ? "which is missing" : `is ${formatValue(found)}`;
  return {
    lack: `claim ${claim} must be ${formatValue(value)}, ${is}`,
    cost: found === undefined ? 1 : 2,
    gains: { claims: { ...claims, [claim]: Array.isArray(found) ? [...found, value] : value } },
  };
}

/** The longest text of a value that is printed. */
const MAX_VALUE_CHARS = 60;

/** Formats a value of a claim or of a field for people: a text as it is if it is plain. */
export function formatValue(value: unknown): string {
  const text = isText(value) && /^[\w.:/@+-]+$/.test(value) ? value : JSON.stringify(value);
  return text.length > MAX_VALUE_CHARS ? `${text.slice(0, MAX_VALUE_CHARS)}…` : text;
}

import { isText, own } from "../../contract/json.ts";
import type { RoleWay } from "../../contract/role-ways.ts";
import type { Asked, AskingPrincipal } from "./input.ts";

/** Something that a caller lacks, and the input of a caller who has it. */
export interface Change {
  /** `join the group Support (role support)` */
  readonly lack: string;
  /** The change itself, whatever asks for it and whatever the caller carried before: `group Support`, `no group Support`. */
  readonly key: string;
  /** How far the caller is from it; the nearest first. */
  readonly cost: number;
  readonly input: Asked;
  /** Tells whether a principal carries what the change adds, and nothing of what it takes away. */
  readonly isKept: (principal: AskingPrincipal) => boolean;
}

/** Makes the change by which a caller holds a role. */
export function toRoleChange(input: Asked, { by, claim, value, issuer }: RoleWay, role: string): Change {
  const { principal } = input;
  const isTied = issuer !== undefined && principal.issuer_name !== issuer;
  const { lack, key, cost, gains, isKept } = BY[by](principal, claim, value);
  const tied = isTied ? `, in a token of the issuer ${issuer}` : "";
  return {
    lack: `${lack}${tied} (role ${role})`,
    key: issuer === undefined ? key : `${key} of ${issuer}`,
    // The role of a claim is further than a claim that a parameter must equal: the caller has none of the grant's roles.
    cost: cost + (isTied ? 2 : 0) + (by === "claim" ? 3 : 0),
    input: { ...input, principal: { ...principal, ...gains, ...(isTied && { issuer_name: issuer }) } },
    isKept: (one) => isKept(one) && (issuer === undefined || one.issuer_name === issuer),
  };
}

/** Makes the change by which a claim equals the value of a parameter in the path. A list equals no segment. */
export function toClaimChange(input: Asked, claim: string, value: string): Change {
  const { gains, ...change } = gainClaim(input.principal, claim, value, value);
  return { ...change, input: { ...input, principal: { ...input.principal, ...gains } } };
}

/** Tells whether a token carries what gives a role as an item of a list, or as the whole of a text. */
export function carries({ kind, claims }: AskingPrincipal, { by, claim, value }: Omit<RoleWay, "roles" | "issuer">) {
  if (by === "kind") return kind === value;
  return itemsOf(claims, by, claim).includes(value);
}

/** Makes the change by which a caller no longer carries what gives a role. Of a list in a text, nothing is left, and it is named as a whole. */
export function toLoss(input: Asked, way: RoleWay): Change {
  const { by, claim, value } = way;
  const { kind: _, ...unproved } = input.principal;
  const { [claim]: found, ...claims } = unproved.claims;
  const rest = itemsOf(unproved.claims, by, claim).filter((item) => item !== value);
  const left = by === "scope" ? { [claim]: rest.join(" ") } : Array.isArray(found) ? { [claim]: rest } : {};
  const principal = by === "kind" ? unproved : { ...input.principal, claims: { ...claims, ...left } };
  const lack = {
    group: `leave the group ${value}`,
    scope: `have no scope ${value}`,
    claim: `have no ${claim} ${formatValue(carries(input.principal, way) ? value : found)}`,
    kind: `have a token that does not prove a ${value}`,
  };
  return {
    lack: lack[by],
    key: `no ${by} ${claim} ${value}`,
    cost: by === "kind" ? 5 : 2,
    input: { ...input, principal },
    isKept: (one) => !carries(one, way) && (by === "kind" || own(one.claims, claim) !== found),
  };
}

interface Gain extends Omit<Change, "input"> {
  readonly gains: Partial<AskingPrincipal>;
}

const BY: Readonly<Record<RoleWay["by"], (principal: AskingPrincipal, claim: string, value: string) => Gain>> = {
  group({ claims }, claim, value) {
    return {
      lack: `join the group ${value}`,
      key: `group ${value}`,
      cost: 3,
      gains: { claims: { ...claims, [claim]: [...itemsOf(claims, "group", claim), value] } },
      isKept: (one) => carries(one, { by: "group", claim, value }),
    };
  },
  scope({ kind, claims }, claim, value) {
    return {
      lack: kind === "machine" ? `have the scope ${value}` : `be a machine with the scope ${value}`,
      key: `scope ${value}`,
      cost: kind === "user" ? 5 : 3,
      gains: { kind: "machine", claims: { ...claims, [claim]: [...itemsOf(claims, "scope", claim), value].join(" ") } },
      isKept: (one) => one.kind === "machine" && carries(one, { by: "scope", claim, value }),
    };
  },
  kind({ kind }, claim, value) {
    const wanted = value === "user" || value === "machine" ? value : undefined;
    const lack =
      kind === undefined
        ? `be a ${value}, and the token proves neither kind`
        : `be a ${value}, and the token is a ${kind}'s`;
    return {
      lack,
      key: `kind ${value}`,
      cost: kind === undefined ? 3 : 5,
      gains: wanted === undefined ? {} : { kind: wanted },
      isKept: (one) => carries(one, { by: "kind", claim, value }),
    };
  },
  claim(principal, claim, value) {
    const found = own(principal.claims, claim);
    return gainClaim(principal, claim, value, Array.isArray(found) ? [...found, value] : value);
  },
};

/** Makes the gain of a claim that is a value, or a list that has the value. */
function gainClaim({ claims }: AskingPrincipal, claim: string, value: string, after: unknown): Gain {
  const found = own(claims, claim);
  const is = found === undefined ? "which is missing" : `is ${formatValue(found)}`;
  const isWhole = after === value;
  return {
    lack: `claim ${claim} must ${isWhole ? "be" : "have"} ${formatValue(value)}, ${is}`,
    key: `claim ${claim} ${isWhole ? "is" : "has"} ${value}`,
    cost: found === undefined ? 1 : 2,
    gains: { claims: { ...claims, [claim]: after } },
    isKept: (one) => (isWhole ? own(one.claims, claim) === value : carries(one, { by: "claim", claim, value })),
  };
}

/** Lists the values of a claim: the items of an array, the scopes in a text, or the one text. */
function itemsOf(claims: AskingPrincipal["claims"], by: RoleWay["by"], claim: string): readonly unknown[] {
  const found = own(claims, claim);
  if (Array.isArray(found)) return found;
  if (!isText(found) || found === "" || by === "group") return [];
  return by === "scope" ? found.split(" ") : [found];
}

/** The longest text of a value that is printed. */
const MAX_VALUE_CHARS = 60;

/** Formats a value of a claim or of a field for people: a text as it is if it is plain. */
export function formatValue(value: unknown): string {
  const text = isText(value) && /^[\w.:/@+-]+$/.test(value) ? value : JSON.stringify(value);
  return text.length > MAX_VALUE_CHARS ? `${text.slice(0, MAX_VALUE_CHARS)}…` : text;
}

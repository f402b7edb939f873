import type { ConditionFacts, RoleFormula } from "../../contract/condition-facts.ts";
import type { PolicyIndex } from "../../contract/policy-index.ts";
import type { PublicRule } from "../../contract/public-rules.ts";

export type { ConditionFacts, RoleFormula };

/** A policy as its access is compared: its rules, roles and conditions, without the engine. */
export interface AccessPolicy {
  readonly grants: PolicyIndex["grants"];
  readonly denials: PolicyIndex["denials"];
  readonly roles: PolicyIndex["roles"];
  readonly publicRules: readonly PublicRule[];
  /** By name: each condition that a grant or denial names. */
  readonly conditions: Readonly<Record<string, ConditionFacts>>;
}

/** One thing that a token carries. */
export type Atom =
  | { readonly by: "group" | "scope" | "kind"; readonly value: string }
  | { readonly by: "claim"; readonly claim: string; readonly value: string };

/** A minimal principal: the token carries these things, and nothing else. Without any, it is just authenticated. */
export interface Who {
  /** Sorted by {@link formatAtom}. A principal with a scope is a machine, which is not an atom of its own. */
  readonly atoms: readonly Atom[];
  /** The name of the issuer of the token; undefined if none is needed. */
  readonly issuer: string | undefined;
}

/** Paths: those that a template matches, without those that the exceptions match. Parameters have no names: `/orders/{}/{+}`. */
export interface Region {
  readonly path: string;
  readonly except: readonly string[];
}

/**
 * The terms of an access hold besides who asks and what for: the names of condition instances, such as `in_the_office` or
 * `is_assigned(1)` with the positions of the parameters that it reads, and positions that must equal a claim. Sorted.
 */
export interface Terms {
  readonly conditions: readonly string[];
  /** By position (0 is the first segment): the claim that it equals. */
  readonly own: readonly (readonly [position: number, claim: string])[];
}

/** The names of the APIs that a line is for: some, or all but some. Undefined: all. */
export type Apis = { readonly only: readonly string[] } | { readonly not: readonly string[] } | undefined;

/** One line of the access of a policy. */
export type AccessLine =
  | {
      readonly kind: "allow";
      readonly who: Who;
      readonly verbs: readonly string[];
      readonly region: Region;
      readonly terms: Terms;
      readonly apis: Apis;
    }
  | {
      readonly kind: "deny";
      readonly who: Who;
      readonly verbs: readonly string[];
      readonly region: Region;
      /** The condition instances that lift it when all are true; empty: nothing lifts it. */
      readonly unless: readonly string[];
      readonly apis: Apis;
    }
  | { readonly kind: "public"; readonly verbs: readonly string[]; readonly region: Region; readonly apis: Apis };

/** The access of a policy would take too many tests or lines. */
export interface TooManyTests {
  readonly code: "too_many_tests" | "too_many_lines";
  readonly limit: number;
  /** The rules with the most tests, by name. */
  readonly rules: readonly string[];
}

/** How access to a region is decided for one who. */
export type Access = "none" | "allow" | "conditional" | "own" | "denied" | "public";

/** One change of access between two policies. */
export interface Change {
  readonly kind: "gain" | "loss" | "condition" | "guard" | "public";
  readonly who: Who;
  /** Things that, if the token carries one of them too, cancel the change. */
  readonly not: readonly (Atom & { readonly issuer?: string })[];
  readonly verbs: readonly string[];
  readonly region: Region;
  readonly apis: Apis;
  readonly before: Access;
  readonly after: Access;
  /** The alternatives that each allow it before and after; for a guard, what lifts the denial. */
  readonly terms: { readonly before: readonly Terms[]; readonly after: readonly Terms[] };
  /** The names of the grants, denials or public rules of the side that has more, or of both for a condition. */
  readonly by: readonly string[];
}

/** The access of one who at one point: a verb, and a path or the generic path of a template. */
export interface PointAccess {
  readonly access: Access;
  /** The alternatives, of which none is implied by another. Empty unless it is `allow`, `conditional` or `own`. */
  readonly alternatives: readonly { readonly terms: Terms; readonly grants: readonly string[] }[];
  /** The denials that concern this who here, and what lifts them; those that its roles lift are not among them. */
  readonly denials: readonly { readonly name: string; readonly unless: readonly string[] }[];
  /** The public rules that match. */
  readonly publicRules: readonly string[];
}

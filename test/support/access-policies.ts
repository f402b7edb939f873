import type { AccessPolicy, RoleFormula } from "../../analysis/access/model.ts";
import { parseTemplate } from "../../contract/path-template.ts";
import type { HeldRoles } from "../../contract/policy-index.ts";

/** A policy written for a test of access; what is left out is empty. */
export interface WrittenPolicy {
  /** By name: `GET,PUT /orders/{id}`, and the keys of a grant. */
  readonly grants?: Readonly<Record<string, WrittenRule & { readonly roles?: readonly string[] }>>;
  readonly denials?: Readonly<Record<string, WrittenRule & { readonly roles?: readonly string[] }>>;
  readonly public?: readonly string[];
  /** By group: the roles that it gives. */
  readonly groups?: HeldRoles["groups"];
  readonly scopes?: HeldRoles["scopes"];
  readonly kinds?: HeldRoles["kinds"];
  readonly claims?: HeldRoles["claims"];
  readonly issuers?: Readonly<Record<string, HeldRoles["groups"]>>;
  readonly issuerClaims?: Readonly<Record<string, HeldRoles["claims"]>>;
  /** By name: the digest, if it is not the name; the parameters; the roles that it asks for. */
  readonly conditions?: Readonly<
    Record<string, { readonly digest?: string; readonly params?: readonly string[]; readonly roles?: RoleFormula }>
  >;
}

interface WrittenRule {
  readonly on: string;
  readonly api?: readonly string[];
  readonly where?: Readonly<Record<string, string>>;
  readonly when?: readonly string[];
  readonly unless?: readonly string[];
}

/** Makes the policy that a test writes. */
export function toWrittenPolicy(written: WrittenPolicy): AccessPolicy {
  const { grants = {}, denials = {}, groups = {}, scopes = {}, kinds = {}, claims = {} } = written;
  const { issuers = {}, issuerClaims = {} } = written;
  const named = [
    ...Object.values(grants).flatMap(({ when = [] }) => when),
    ...Object.values(denials).flatMap(({ unless = [] }) => unless),
  ];
  const none = { groups: {}, scopes: {}, kinds: {}, claims: {} };
  return {
    grants: mapValues(grants, ({ on, api = [], roles = ["authenticated"], where = {}, when = [] }) => {
      return { ...toMatch(on), api, roles, where, when };
    }),
    denials: mapValues(denials, ({ on, api = [], roles = [], unless = [] }) => {
      return { ...toMatch(on), api, roles, unless };
    }),
    roles: {
      groups,
      scopes,
      kinds,
      claims,
      issuers: {
        ...mapValues(issuerClaims, (ofIssuer) => ({ ...none, claims: ofIssuer })),
        ...mapValues(issuers, (ofIssuer, name) => ({ ...none, groups: ofIssuer, claims: issuerClaims[name] ?? {} })),
      },
    },
    publicRules: (written.public ?? []).map((on, at) => ({ name: `open.${at}`, ...toRoute(on) })),
    conditions: Object.fromEntries(
      named.map((name) => {
        const { digest = name, params = [], roles } = written.conditions?.[name] ?? {};
        return [name, { digest, text: digest, params, ...(roles !== undefined && { roles }) }];
      }),
    ),
  };
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  to: (value: From, key: string) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, to(value, key)]));
}

function toRoute(on: string): { readonly verbs: readonly string[]; readonly path: string } {
  const [verbs = "", path = ""] = on.split(" ");
  return { verbs: verbs.split(",").sort(), path };
}

function toMatch(on: string) {
  const { verbs, path } = toRoute(on);
  const params: Record<string, number> = {};
  const tail: Record<string, number> = {};
  for (const [at, segment] of parseTemplate(path).entries()) {
    if (segment.kind === "parameter") (segment.isGreedy ? tail : params)[segment.name] = at;
  }
  return { verbs, path, params, tail };
}

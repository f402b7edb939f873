import type { AccessPolicy } from "../analysis/access/model.ts";
import { parseTemplate } from "../contract/path-template.ts";
import type { HeldRoles, IndexedDenial, IndexedGrant } from "../contract/policy-index.ts";

/** The number of roles. Each comes by a group of its own. */
const ROLES = 50;

/** The grants of one service of the REST-shaped policy. */
const PER_SERVICE = 10;

/** The segments of the templates of a grid, and the literals at each of them. */
const GRID_DEPTH = 12;

export type Rule = Pick<IndexedGrant, "roles" | "verbs" | "path"> & Partial<Pick<IndexedGrant, "where" | "when">>;
export type Forbidding = Pick<IndexedDenial, "verbs" | "path"> & Partial<Pick<IndexedDenial, "roles" | "unless">>;

/** Makes a policy of some number of grants. */
export type MakePolicy = (grants: number) => AccessPolicy;

/** The shapes of policies: one as companies have it, one whose templates all meet, and what costs most. */
export const SHAPES: Readonly<Record<string, MakePolicy>> = {
  rest: (count) => {
    const grants = Array.from({ length: count }, (_, at) => toRestGrant(at));
    const services = Math.ceil(count / PER_SERVICE);
    const denials: Forbidding[] = Array.from({ length: Math.ceil(services / 10) }, (_, at) => ({
      verbs: ["DELETE"],
      path: `/service${at * 10}/{rest+}`,
      ...(at % 2 === 0 ? { unless: ["in_the_office"] } : { roles: [roleOf(at)] }),
    }));
    return toAccessPolicy(grants, denials);
  },
  grid: (count) => toAccessPolicy(Array.from({ length: count }, (_, at) => toGridGrant(at))),
  // Each denial meets each grant in paths of their own, and concerns each role.
  "grid with denials": (count) => {
    const half = Math.ceil(count / 2);
    const rules = Array.from({ length: count }, (_, at) => toGridGrant(at));
    return toAccessPolicy(
      rules.slice(0, half),
      rules.slice(half).map(({ path, verbs }) => ({ path, verbs, unless: ["in_the_office"] })),
    );
  },
};

export function roleOf(at: number): string {
  return `role${at % ROLES}`;
}

/** Creates a grant on lists, items and what belongs to items, as APIs over HTTP have them. */
export function toRestGrant(at: number): Rule {
  const service = `/service${Math.floor(at / PER_SERVICE)}`;
  const roles = [roleOf(Math.floor(at / PER_SERVICE)), roleOf(at)];
  switch (at % PER_SERVICE) {
    case 0:
      return { roles, verbs: ["ANY"], path: `${service}/{rest+}`, when: ["in_the_office"] };
    case 1:
      return { roles, verbs: ["GET", "POST"], path: `${service}/items` };
    case 2:
      return { roles, verbs: ["GET"], path: `${service}/customers/{id}`, where: { id: "custom:customer_id" } };
    case 3:
      return { roles, verbs: ["PUT"], path: `${service}/items/{id}`, when: ["is_assigned"] };
    default:
      return { roles, verbs: ["GET", "DELETE"], path: `${service}/items/{id}/part${at % PER_SERVICE}/{part}` };
  }
}

/** Creates a grant on a template with one literal: any two meet in a path of their own. */
export function toGridGrant(at: number): Rule {
  const segments = Array.from({ length: GRID_DEPTH }, (_, position) =>
    position === at % GRID_DEPTH ? `literal${Math.floor(at / GRID_DEPTH)}` : `{p${position}}`,
  );
  return { roles: [roleOf(at)], verbs: ["GET"], path: `/${segments.join("/")}` };
}

function toAccessPolicy(grants: readonly Rule[], denials: readonly Forbidding[] = []): AccessPolicy {
  return {
    grants: toTable("grant", grants, (rule) => ({ api: [], where: {}, when: [], ...rule, ...positionsOf(rule.path) })),
    denials: toTable("denial", denials, (rule) => {
      return { api: [], roles: [], unless: [], ...rule, ...positionsOf(rule.path) };
    }),
    roles: {
      ...NO_ROLES,
      groups: Object.fromEntries(roleNames().map((role) => [`Group of ${role}`, [role]])),
      issuers: {},
    },
    publicRules: [],
    conditions: {
      in_the_office: { digest: "sha256:1", text: "in the office", params: [] },
      is_assigned: { digest: "sha256:2", text: "is assigned to $1", params: ["id"] },
    },
  };
}

const NO_ROLES: HeldRoles = { groups: {}, scopes: {}, kinds: {}, claims: {} };

export function roleNames(): readonly string[] {
  return Array.from({ length: ROLES }, (_, at) => roleOf(at));
}

function toTable<From, To>(
  kind: string,
  rules: readonly From[],
  toRule: (rule: From) => To,
): Readonly<Record<string, To>> {
  return Object.fromEntries(rules.map((rule, at) => [`area${at % 10}.${kind}${at}`, toRule(rule)]));
}

function positionsOf(path: string): Pick<IndexedGrant, "params" | "tail"> {
  const parameters = parseTemplate(path).flatMap((segment, at) =>
    segment.kind === "parameter" ? [{ ...segment, at }] : [],
  );
  const toPositions = (isGreedy: boolean) =>
    Object.fromEntries(parameters.filter((one) => one.isGreedy === isGreedy).map(({ name, at }) => [name, at]));
  return { params: toPositions(false), tail: toPositions(true) };
}

/** Edits a policy: one role has one more grant, and one grant is dropped. */
export function edit(policy: AccessPolicy): AccessPolicy {
  const [entry, ...others] = Object.entries(policy.grants);
  const { length } = others;
  if (entry === undefined) return policy;
  const [first, grant] = entry;
  const kept = others.filter((_, at) => at !== Math.floor(length / 2));
  return { ...policy, grants: Object.fromEntries([[first, { ...grant, roles: [...grant.roles, "role7"] }], ...kept]) };
}

import type { AccessPolicy } from "../../../../analysis/access/model.ts";

/** A rule as it is written, with the defaults of the index for the rest. */
interface Written {
  readonly roles: readonly string[];
  readonly verbs: readonly string[];
  readonly path: string;
  readonly where?: Readonly<Record<string, string>>;
}

/** A policy as it is written: groups give the roles of their names in lower case. */
interface WrittenPolicy {
  readonly groups: readonly string[];
  readonly grants: Readonly<Record<string, Written>>;
  readonly denials: Readonly<Record<string, Written>>;
  readonly publicPath: string;
}

/** A policy of two groups: one may do everything below `/o`, the other reads its own. A denial is for everybody. */
export const PRINCIPALS: WrittenPolicy = {
  groups: ["A", "B"],
  grants: {
    "a.all": { roles: ["a"], verbs: ["GET", "DELETE"], path: "/o/{id}" },
    "a.own": { roles: ["b"], verbs: ["GET"], path: "/o/{id}", where: { id: "custom:id" } },
  },
  denials: { "a.no": { roles: [], verbs: ["DELETE"], path: "/{any}/x" } },
  publicPath: "/health",
};

/** Makes the policy whose access is analysed. */
export function toAccessPolicyOf({ groups, grants, denials, publicPath }: WrittenPolicy): AccessPolicy {
  const shared = ({ roles, verbs, path }: Written) => {
    const names = path.split("/").slice(1);
    const params = names.flatMap((text, at) => (text.startsWith("{") ? [[text.slice(1, -1), at] as const] : []));
    return { api: [], roles, verbs, path, params: Object.fromEntries(params), tail: {} };
  };
  return {
    grants: Object.fromEntries(
      Object.entries(grants).map(([name, rule]) => [name, { ...shared(rule), where: rule.where ?? {}, when: [] }]),
    ),
    denials: Object.fromEntries(Object.entries(denials).map(([name, rule]) => [name, { ...shared(rule), unless: [] }])),
    roles: {
      groups: Object.fromEntries(groups.map((group) => [group, [group.toLowerCase()]])),
      scopes: {},
      kinds: {},
      claims: {},
      issuers: {},
    },
    publicRules: [{ name: "a.health", verbs: ["GET"], path: publicPath }],
    conditions: {},
  };
}

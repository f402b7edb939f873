import type { Api } from "../contract/api-kinds.ts";
import type { ApiShape } from "./api-shape.ts";
import { nodesOf } from "./resource-tree.ts";
import type { QuotaName, Rule } from "./rule.ts";

const TABLES: Readonly<Record<Api, string>> = {
  rest: 'API Gateway developer guide, "Quotas for configuring and running a REST API"',
  http: 'API Gateway developer guide, "Quotas for configuring and running an HTTP API"',
  websocket: 'API Gateway developer guide, "Quotas for configuring and running a WebSocket API"',
};

/** The number of stage variables of a stage. */
const MAX_VARIABLES = 100;

interface Quota {
  readonly name: QuotaName;
  readonly kind: Api;
  readonly max: number;
  readonly isAdjustable: boolean;
  /** Counts the parts; undefined if they are not known. */
  readonly count: (shape: ApiShape) => number | undefined;
  readonly instead: string;
}

const split = "split the API in two";

/** The quotas of API Gateway that can be counted in an API. */
const QUOTAS: readonly Quota[] = [
  {
    name: "resources",
    kind: "rest",
    max: 300,
    isAdjustable: true,
    // AWS does not document whether the root counts, so that it does not count here.
    count: (shape) => shape.routes && nodesOf(shape).length,
    instead: `${split}, or take {proxy+} where one backend serves many paths`,
  },
  ...(["http", "websocket"] as const).flatMap((kind): readonly Quota[] => [
    {
      name: "routes",
      kind,
      max: 300,
      isAdjustable: true,
      count: ({ routes }) => routes?.length,
      instead: kind === "http" ? `${split}, or take {proxy+} where one backend serves many paths` : split,
    },
    {
      name: "integrations",
      kind,
      max: 300,
      isAdjustable: kind === "websocket",
      count: ({ integrations }) => integrations,
      instead: "let routes with one backend share an integration",
    },
  ]),
  ...(["rest", "http", "websocket"] as const).flatMap((kind): readonly Quota[] => [
    {
      name: "authorizers",
      kind,
      max: 10,
      isAdjustable: true,
      count: ({ authorizers }) => authorizers?.length,
      instead:
        "use one authorizer for several methods; those of the policy are as many as its cache classes, which `rego-authorizer cache-contract` lists",
    },
    {
      name: "stages",
      kind,
      max: 10,
      isAdjustable: true,
      count: ({ stages }) => stages?.length,
      instead: "give each environment an API of its own",
    },
  ]),
];

/** The rules about the number of parts, a rule for each quota of each kind of API. */
export const QUOTA_RULES: readonly Rule[] = [
  ...QUOTAS.map(
    ({ name, kind, max, isAdjustable, count, instead }): Rule => ({
      code: `quota.${name}`,
      title: `An API has at most ${max} ${name}`,
      kinds: [kind],
      effect: "refused",
      source: TABLES[kind],
      find(shape, raised) {
        const limit = isAdjustable ? (raised[name] ?? max) : max;
        const number = count(shape);
        if (number === undefined || number <= limit) return [];
        const raise = isAdjustable ? `, or have AWS raise the quota and say so` : " (AWS does not raise this quota)";
        return [
          { where: [shape.where], cause: `has ${number} ${name}, and ${limit} are the most`, remedy: instead + raise },
        ];
      },
    }),
  ),
  {
    code: "quota.stage_variables",
    title: `A stage has at most ${MAX_VARIABLES} stage variables`,
    kinds: ["rest", "http", "websocket"],
    effect: "refused",
    source: TABLES.rest,
    find: ({ stages = [] }) =>
      stages
        .filter(({ variables = 0 }) => variables > MAX_VARIABLES)
        .map(({ where, variables }) => ({
          where: [where],
          cause: `has ${variables} stage variables, and ${MAX_VARIABLES} are the most`,
          remedy: "remove some (AWS does not raise this quota)",
        })),
  },
];

import { createAliasOf, modeOf } from "./aliases.ts";
import type { Finding } from "./finding.ts";
import type { Authorization, GateMethod, Key, Model } from "./model.ts";
import type { PolicyAuthorizers } from "./policy-authorizers.ts";
import { isShown, toReadable } from "./references.ts";
import { CLOSED_BY_POLICY } from "./resource-policy.ts";

const ADVICE = "attach a PolicyAuthorizer to its API, or authorize it with IAM";

/** The result for one method: findings, and whether a policy or IAM authorizes it. */
export interface Judged {
  readonly findings: readonly Finding[];
  /** Undefined if nothing authorizes it, and for methods that need no authorization. */
  readonly by: "policy" | "iam" | "report" | undefined;
}

/** Creates the judgement of methods: each must have the authorizer of a policy, or IAM. */
export function createMethodJudge(
  model: Model,
  policies: PolicyAuthorizers,
  named: readonly string[],
): (method: GateMethod) => Judged {
  const { apis, authorizers, closedApis } = model;
  const aliasOf = createAliasOf(model);
  const apiNames = new Map(apis.map(({ key, names }) => [key, names]));
  const closed = new Set(closedApis);
  const kinds = new Map(apis.map(({ key, kind }) => [key, kind]));
  const byKey = new Map<Key, (typeof authorizers)[number][]>();
  for (const one of authorizers) byKey.set(one.key, [...(byKey.get(one.key) ?? []), one]);

  const judgeOne = (method: GateMethod, one: Authorization): readonly Finding[] => {
    const { place, name } = method;
    switch (one.kind) {
      case "iam":
        return [];
      case "none":
        return [{ code: "method.open", place, cause: `${name} ${one.cause}`, advice: ADVICE, names: [] }];
      case "unknown":
        return [
          {
            code: "unreadable",
            place,
            cause: `${name} ${one.cause}`,
            advice: "write its authorization into the template, so that it is known before the deployment",
            names: [],
          },
        ];
      case "authorizer":
        return judgeAuthorizer(method, one);
      default:
        return one satisfies never;
    }
  };

  const judgeReportOnly = (
    { place, name, api }: GateMethod,
    authorizer: (typeof authorizers)[number],
  ): readonly Finding[] => {
    if (modeOf(aliasOf(authorizer)) !== "report") return [];
    const isClosed = closed.has(api);
    const shown = toReadable(api);
    return [
      {
        code: isClosed ? "method.open" : "method.report_only",
        place,
        cause: `${name} ${isClosed ? CLOSED_BY_POLICY : `has the report-only authorizer ${authorizer.names.at(-1)}, which lets everybody through`}`,
        advice: isClosed
          ? "or attach without reportOnly"
          : "attach without reportOnly to enforce the policy; or accept the method, the API or the authorizer by its name, with the reason",
        names: [
          ...[place.id, place.path ?? []].flat(),
          ...(place.path === undefined ? [] : [place.path.replace(/\/Resource$/, "")]),
          ...authorizer.names,
          ...(apiNames.get(api) ?? []),
          ...[shown, shown.replace(/^\$\{(.*)\}$/s, "$1")],
        ],
      },
    ];
  };

  const judgeAuthorizer = (
    method: GateMethod,
    { type, authorizer }: Extract<Authorization, { kind: "authorizer" }>,
  ): readonly Finding[] => {
    const { place, name, kept } = method;
    const shown = toReadable(authorizer);
    const foreign = (names: readonly string[], called: string, doubt: string): Finding => ({
      code: "authorizer.foreign",
      place,
      cause: `${name} has the authorizer ${called}, and ${doubt}`,
      advice: `${ADVICE}, or accept the authorizer by its name, with the reason why it is safe`,
      names: [...names, authorizer, shown, shown.replace(/^\$\{(.*)\}$/s, "$1")],
      ...(kept?.authorizer === authorizer && { reason: kept.reason }),
    });
    const found = byKey.get(authorizer) ?? [];
    if (found.length === 0) {
      if (named.includes(authorizer) || named.includes(shown)) return [];
      return [foreign([], shown, "it is not in the files, so it is not known whether it evaluates a policy")];
    }
    return found.flatMap((one) => {
      const isLambda = type === "CUSTOM" || type.toLowerCase() === one.type;
      const doubt = isLambda ? policies.findDoubt(one) : `${type} evaluates no policy`;
      return doubt === undefined
        ? judgeReportOnly(method, one)
        : [foreign(one.names, one.names.at(-1) ?? shown, doubt)];
    });
  };

  return (method) => {
    if (method.isPreflight || isMessage(method, kinds.get(method.api))) return { findings: [], by: undefined };
    const findings = method.authorizations.flatMap((one) => judgeOne(method, one));
    const isIam = method.authorizations.every(({ kind }) => kind === "iam");
    if (findings.length === 0) return { findings, by: isIam ? "iam" : "policy" };
    return { findings, by: findings.every(({ code }) => code === "method.report_only") ? "report" : undefined };
  };
}

/** Tells whether a route is for the messages of a WebSocket connection, of which only `$connect` is authorized. */
function isMessage({ routeKey }: GateMethod, kind: string | undefined): boolean {
  if (routeKey === undefined || routeKey === "$connect") return false;
  // The keys of HTTP APIs have a verb and a path, or are $default.
  const isOfWebSocket = isShown(routeKey) && !routeKey.includes(" ") && routeKey !== "$default";
  return kind === "websocket" || (kind === undefined && isOfWebSocket);
}

/** Finds APIs without a method that could be judged, methods without an API, and WebSocket APIs to which everybody can connect. */
export function findMissingMethods({ apis, methods, unreadable }: Model): readonly Finding[] {
  const byApi = new Map<Key, GateMethod[]>();
  for (const method of methods) byApi.set(method.api, [...(byApi.get(method.api) ?? []), method]);
  const isReported = new Set(unreadable.map(({ place }) => JSON.stringify(place)));
  const stray = (byApi.get("") ?? []).map(({ name, place }): Finding => {
    const cause = `the files do not show which API ${name} belongs to`;
    return { code: "unreadable", place, cause, advice: "write the id of its API, or refer to it", names: [] };
  });
  const missing = apis.flatMap(({ key, kind, place, condition }): readonly Finding[] => {
    const own = byApi.get(key) ?? [];
    const called = place.path ?? place.id;
    if (kind !== "websocket") {
      if (own.length > 0 || isReported.has(JSON.stringify(place))) return [];
      const cause = `no method or route of ${called} is in the files`;
      const advice = "name the files that have them, too, or remove the API";
      return [{ code: "unreadable", place, cause, advice, names: [] }];
    }
    const connects = own.filter(({ routeKey }) => routeKey === "$connect");
    if (connects.some((one) => one.condition === undefined || one.condition === condition)) return [];
    const [first] = connects;
    const cause =
      first === undefined
        ? `the WebSocket API ${called} has no route $connect, so everybody can connect`
        : `the WebSocket API ${called} has its route $connect only under the condition ${first.condition}, and otherwise everybody can connect`;
    return [{ code: "method.open", place, cause, advice: `add one, and ${ADVICE}`, names: [] }];
  });
  return [...stray, ...missing];
}

import { CLOSED_BY_POLICY } from "../contract/resource-policy.ts";
import { createFindMode } from "./aliases.ts";
import type { Finding, Notice } from "./finding.ts";
import type { Authorization, GateMethod, Key, Model } from "./model.ts";
import type { PolicyAuthorizers } from "./policy-authorizers.ts";
import type { JudgedAccess, PublicMethods } from "./public-methods.ts";
import { isShown, toReadable } from "./references.ts";

const ADVICE = "attach a PolicyAuthorizer to its API, or authorize it with IAM";

const HOW_TO_SHOW =
  "name the alias of an enforcing contract in the authorizer's URI, or give the file that has it; or accept the method, the API or the authorizer by its name, with the reason";

/** The result for one method: findings, and whether a policy or IAM authorizes it. */
export interface Judged {
  readonly findings: readonly Finding[];
  /** Undefined if nothing authorizes it, and for methods that need no authorization. */
  readonly by: "policy" | "iam" | "report" | undefined;
  /** The policy opens it to everybody, and nothing authorizes it. */
  readonly isPublic: boolean;
  readonly notices: readonly Notice[];
}

/** Creates the judgement of methods: each must have the authorizer of a policy or IAM, or be public in the policy. */
export function createMethodJudge(
  model: Model,
  policies: PolicyAuthorizers,
  named: readonly string[],
  publicMethods: PublicMethods,
): (method: GateMethod) => Judged {
  const { apis, authorizers, closedApis } = model;
  const findMode = createFindMode(model, policies);
  const apiNames = new Map(apis.map(({ key, names }) => [key, names]));
  const closed = new Set(closedApis);
  const kinds = new Map(apis.map(({ key, kind }) => [key, kind]));
  const byKey = new Map<Key, (typeof authorizers)[number][]>();
  for (const one of authorizers) byKey.set(one.key, [...(byKey.get(one.key) ?? []), one]);

  const judgeOne = (method: GateMethod, one: Authorization, judged: JudgedAccess): readonly Finding[] => {
    const { place, name } = method;
    switch (one.kind) {
      case "iam":
        return [];
      case "none":
        if (judged.access.kind === "public") return [];
        return [
          {
            code: "method.open",
            place,
            cause: `${name} ${one.cause}${judged.cause}`,
            advice: `${ADVICE}; ${judged.advice}`,
            names: [],
          },
        ];
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
    const mode = findMode(authorizer);
    if (mode === "enforce") return [];
    const isClosed = mode === "report" && closed.has(api);
    const called = authorizer.names.at(-1);
    const shown = toReadable(api);
    return [
      {
        code: isClosed ? "method.open" : "method.report_only",
        place,
        cause: `${name} ${isClosed ? CLOSED_BY_POLICY : mode === "report" ? `has the report-only authorizer ${called}, which lets everybody through` : `has the authorizer ${called}, whose alias the files do not show, so that it may be report-only and let everybody through`}`,
        advice: isClosed
          ? "or attach without reportOnly"
          : mode === "hidden"
            ? HOW_TO_SHOW
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
    const needsNone = method.isPreflight || isMessage(method, kinds.get(method.api));
    if (needsNone) return { findings: [], by: undefined, isPublic: false, notices: findForwarded(method) };
    const judged = publicMethods.judge(method);
    const findings = method.authorizations.flatMap((one) => judgeOne(method, one, judged));
    const has = (wanted: Authorization["kind"]) => method.authorizations.every(({ kind }) => kind === wanted);
    const isPublic = findings.length === 0 && method.authorizations.some(({ kind }) => kind === "none");
    const notices = has("none") ? [] : findClosed(method, judged);
    if (findings.length === 0)
      return { findings, by: isPublic ? undefined : has("iam") ? "iam" : "policy", isPublic, notices };
    const onlyReports = findings.every(({ code }) => code === "method.report_only");
    return { findings, by: onlyReports ? "report" : undefined, isPublic, notices };
  };
}

/** Says of a preflight that its back end answers it, and gets it without a token. */
function findForwarded({ place, name, isPreflight, isForwarded = false }: GateMethod): readonly Notice[] {
  if (!isPreflight || !isForwarded) return [];
  const cause = `${name} is open for preflights, and its back end gets requests without a token`;
  const advice =
    "let the API answer preflights, by the CORS configuration of an HTTP API or a mock integration of a REST API";
  return [{ place, cause, advice }];
}

/** Says of a method that the policy opens it, and something authorizes it all the same. */
function findClosed({ place, name }: GateMethod, { access }: JudgedAccess): readonly Notice[] {
  if (access.kind !== "public") return [];
  const cause = `${name} is public in the policy (${access.rules.join(", ")}), and is authorized all the same`;
  return [{ place, cause, advice: "take its authorization away, or remove the public rule" }];
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

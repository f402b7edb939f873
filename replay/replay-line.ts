import { parseCanonicalPath } from "../authorizer/gateway/canonical-path.ts";
import { readClientCertificate } from "../authorizer/gateway/client-certificate.ts";
import type { Request } from "../authorizer/gateway/request.ts";
import type { ToInput } from "../authorizer/policy/input.ts";
import { isText } from "../contract/json.ts";
import type { Manifest } from "../contract/manifest.ts";
import { err, ok, type Result } from "../contract/result.ts";
import type { Decide } from "./decide.ts";
import type { FindDoubts } from "./doubts.ts";
import { LINE_PROBLEMS, type LineProblem } from "./line-problems.ts";
import type { ToLoggedPrincipal } from "./logged-principal.ts";
import { hasClaims, type LoggedRequest } from "./logged-request.ts";
import type { JudgeRequest } from "./public-requests.ts";
import { toRequestPath } from "./request-path.ts";
import type { Field } from "./variables.ts";

/** The decision of the policy on a logged request. */
export interface Replayed {
  readonly effect: "allow" | "deny";
  /** Why it is denied: reasons of the policy, or of the authorizer. Empty for an allow. */
  readonly reasons: readonly string[];
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  /** The fields that the decision may depend on and the log does not tell; empty if the decision is certain. */
  readonly untold: readonly string[];
}

/** The parts of the authorizer that a replay runs. */
export interface ReplayParts {
  readonly manifest: Manifest;
  readonly decide: Decide;
  readonly toInput: ToInput;
  readonly toLoggedPrincipal: ToLoggedPrincipal;
  readonly findDoubts: FindDoubts;
  /** The name of the API that the log is of; undefined if it is not known. */
  readonly api: string | undefined;
  readonly judgeRequest: JudgeRequest;
}

/** Decides on a request as the authorizer would; one without claims has no token. */
export type ReplayLine = (request: LoggedRequest) => Result<Replayed, LineProblem>;

/** Creates the function that decides on logged requests. */
export function createReplayLine({
  manifest,
  decide,
  toInput,
  toLoggedPrincipal,
  findDoubts,
  judgeRequest,
  api,
}: ReplayParts): ReplayLine {
  const reads = manifest.input_references.map((path) => path.join("."));
  const ofRequest = reads.filter((name) => Object.hasOwn(LOGGED_AS, name));
  const readsTime = reads.some((name) => name === "now_s" || name.startsWith("calendar."));
  const always = [
    ...manifest.request_values.map(({ from, name }) => `${from} ${name}`),
    ...(reads.includes("request.api") && api === undefined ? ["request.api"] : []),
  ];

  return function replayLine(logged) {
    const found = toRequestPath(logged);
    if (!found.ok) return found;
    const path = parseCanonicalPath(found.value, PATH_FORMS[logged.kind], manifest.trailing_slash);
    if (!path.ok) return ok(refusal(path.error));
    const access = judgeRequest(logged.method, path.value);
    if (access === "public") return ok(PUBLIC);
    const decided = decideClosed(logged, path.value);
    if (access === "closed" || !decided.ok || decided.value.effect === "allow") return decided;
    // With the name of the API it may be public.
    return ok({ ...decided.value, untold: [...new Set([...decided.value.untold, "request.api"])] });
  };

  /** Decides on a request that is not known to be public. */
  function decideClosed(logged: LoggedRequest, path: string): Result<Replayed, LineProblem> {
    if (!hasClaims(logged)) return ok(refusal("token.missing"));
    const made = toLoggedPrincipal(logged);
    if (!made.ok) return isProblem(made.error) ? err(made.error) : ok(refusal(made.error));
    const { principal, untold } = made.value;
    const { user_token_use: use } = manifest;
    if (use !== undefined && principal.kind !== "machine" && ![undefined, use].includes(principal.token_use))
      return ok(
        refusal(
          "token.use_refused",
          untold.filter((name) => name === "principal.token_use"),
        ),
      );
    const request = { ...toRequest(logged, path), ...(api !== undefined && { api }) };
    const nowS = logged.timeMs === undefined ? undefined : Math.floor(logged.timeMs / 1000);
    const decision = decide(toInput(principal, request, nowS));
    if (!decision.ok) return ok(refusal(decision.error));
    const notLogged = [
      ...untold,
      ...always,
      ...ofRequest.filter((name) => !isLogged(logged, name)),
      ...(readsTime && nowS === undefined ? ["now_s"] : []),
    ];
    const groups = principal.claims["cognito:groups"];
    return ok({
      effect: decision.value.effect,
      reasons: decision.value.effect === "deny" ? decision.value.reasons : [],
      roles: decision.value.roles,
      groups: Array.isArray(groups) ? groups.filter(isText) : [],
      untold: findDoubts(decision.value, request, notLogged),
    });
  }
}

/** The paths in the access logs of each kind of API: as they arrived, or decoded. */
const PATH_FORMS = { rest: "encoded", http: "decoded" } as const;

function isProblem(error: string): error is LineProblem {
  return Object.hasOwn(LINE_PROBLEMS, error);
}

/** The end of a request that the authorizer is not invoked for. */
const PUBLIC: Replayed = { effect: "allow", reasons: [], roles: [], groups: [], untold: [] };

function refusal(reason: string, untold: readonly string[] = []): Replayed {
  return { effect: "deny", reasons: [reason], roles: [], groups: [], untold };
}

/** The fields of a request besides method and path, and the fields of a log that show them. */
const LOGGED_AS: Readonly<Record<string, Field>> = {
  "request.api_id": "apiId",
  "request.stage": "stage",
  "request.source_ip": "sourceIp",
  "request.client_certificate.subject": "subject",
  "request.client_certificate.issuer": "issuer",
  "request.client_certificate.serial_number": "serialNumber",
  "request.client_certificate.valid_from_s": "validFrom",
  "request.client_certificate.valid_until_s": "validUntil",
};

function isLogged({ fields }: LoggedRequest, name: string): boolean {
  const field = LOGGED_AS[name];
  return field !== undefined && fields[field] !== undefined;
}

function toRequest({ method, fields }: LoggedRequest, path: string): Request {
  const { apiId, sourceIp, stage, subject, issuer, serialNumber, validFrom, validUntil } = fields;
  const isCertified = [subject, issuer, serialNumber, validFrom, validUntil].some(isText);
  const clientCert = {
    ...{ subjectDN: subject ?? undefined, issuerDN: issuer ?? undefined, serialNumber: serialNumber ?? undefined },
    validity: { notBefore: validFrom ?? undefined, notAfter: validUntil ?? undefined },
  };
  return {
    // A log's name of its API is not known.
    api: undefined,
    ...{ method, path, api_id: apiId ?? "", stage: stage ?? "", source_ip: sourceIp ?? undefined },
    client_certificate: isCertified
      ? readClientCertificate("rest-request", { identity: { clientCert } })?.fields
      : undefined,
    headers: new Map(),
    query: new Map(),
  };
}

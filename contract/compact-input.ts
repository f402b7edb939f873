import { type Check, type Checks, is, optional, TEXT, TEXTS } from "./checks.ts";
import { isObject, isText, isTexts } from "./json.ts";

/** The fields of a line of the decision log that hold the input of the policy. */
export interface CompactInput {
  /** Source address, method and path, as far as the input has them: `203.0.113.7 GET /home`. */
  readonly request?: string;
  /** The id of the principal, under the kind of principal; `principal` if neither kind is proved. */
  readonly user?: string;
  readonly machine?: string;
  readonly principal?: string;
  /** The issuer; of a user pool its id. */
  readonly issuer?: string;
  /** The claim `cognito:groups`, if it is a list of texts. */
  readonly groups?: readonly string[];
  /** The other claims. */
  readonly claims?: object;
  /** The time of the input, unless it is that of the line in whole seconds; null if the input has none. */
  readonly now_s?: number | null;
  /** The rest of the input. */
  readonly input?: object;
}

const IS_OBJECT: Check = is(isObject);

export const INPUT_CHECKS: Checks<CompactInput> = {
  request: optional(TEXT),
  user: optional(TEXT),
  machine: optional(TEXT),
  principal: optional(TEXT),
  issuer: optional(TEXT),
  groups: optional(TEXTS),
  claims: optional(IS_OBJECT),
  now_s: optional(is((value) => value === null || typeof value === "number")),
  input: optional(IS_OBJECT),
};

const PRINCIPALS = ["user", "machine"] as const;

/** Makes the fields of a line for an input; the inverse of {@link toInput}. */
export function toCompactInput(input: object, timestamp: string): CompactInput {
  const { principal, request, now_s, ...rest } = input as Readonly<Record<string, unknown>>;
  const { who, more: ofPrincipal } = takePrincipal(principal);
  const { what, more: ofRequest } = takeRequest(request);
  const isOdd = now_s !== undefined && typeof now_s !== "number";
  const more = {
    ...(ofPrincipal !== undefined && { principal: ofPrincipal }),
    ...(ofRequest !== undefined && { request: ofRequest }),
    ...(isOdd && { now_s }),
    ...rest,
  };
  const implied = impliedNow(who, what, timestamp);
  return {
    ...what,
    ...who,
    ...(now_s !== implied && !isOdd && { now_s: now_s ?? null }),
    ...(Object.keys(more).length > 0 && { input: more }),
  };
}

/** Gives the time that a line implies: that of an input with a principal and a request, which is all of a decision. */
function impliedNow(who: object, what: object, timestamp: string): number | undefined {
  const isWhole = Object.keys(who).length > 0 && Object.keys(what).length > 0;
  return isWhole ? Math.floor(Date.parse(timestamp) / 1000) : undefined;
}

/** Takes the id, kind, issuer and claims of a principal; all of it stays in `more` if it has another form. */
function takePrincipal(principal: unknown) {
  if (!isObject(principal) || !isText(principal["id"])) return { who: {}, more: principal };
  const { id, kind, issuer, claims, ...rest } = principal;
  const known = PRINCIPALS.find((one) => one === kind);
  if (kind !== undefined && known === undefined) return { who: {}, more: principal };
  const short = isText(issuer) && !SHORT.test(issuer) ? toShortIssuer(issuer) : undefined;
  const more = { ...rest, ...(short === undefined && keep({ issuer })), ...(!isObject(claims) && keep({ claims })) };
  const who = {
    [known ?? "principal"]: id,
    ...(short !== undefined && { issuer: short }),
    ...(isObject(claims) && toGroupsAndClaims(claims)),
  };
  return { who, more: Object.keys(more).length > 0 ? more : undefined };
}

const GROUPS = "cognito:groups";

/** Takes the groups out of the claims. An empty object of claims stays, so that it is known that there are claims. */
function toGroupsAndClaims(claims: Readonly<Record<string, unknown>>): Pick<CompactInput, "groups" | "claims"> {
  const { [GROUPS]: groups, ...others } = claims;
  if (!isTexts(groups)) return { claims };
  return Object.keys(others).length > 0 ? { groups, claims: others } : { groups };
}

/** Matches a method; an address has a dot or a colon. */
const METHOD = /^[^ .:]+$/;
const ADDRESS = /^[^ ]*[.:][^ ]*$/;

/** Takes source address, method and path of a request; all of it stays in `more` if it has another form. */
function takeRequest(request: unknown) {
  if (!isObject(request) || !isText(request["method"]) || !METHOD.test(request["method"]))
    return { what: {}, more: request };
  const { method, path, source_ip: address, ...rest } = request;
  const isAddress = isText(address) && ADDRESS.test(address);
  const more = {
    ...rest,
    ...(!isText(path) && keep({ path })),
    ...(!isAddress && keep({ source_ip: address })),
  };
  const what = { request: [...(isAddress ? [address] : []), method, ...(isText(path) ? [path] : [])].join(" ") };
  return { what, more: Object.keys(more).length > 0 ? more : undefined };
}

function keep(field: Readonly<Record<string, unknown>>): object {
  return Object.values(field)[0] === undefined ? {} : field;
}

/** Makes the input of the fields of a line. */
export function toInput(line: CompactInput, timestamp: string): object {
  const { request, issuer, groups, claims, now_s, input } = line;
  const kind = PRINCIPALS.find((one) => line[one] !== undefined);
  const id = kind === undefined ? line.principal : line[kind];
  const { principal: ofPrincipal, request: ofRequest, ...rest } = { ...input } as Readonly<Record<string, unknown>>;
  const who =
    id === undefined
      ? ofPrincipal
      : {
          id,
          ...(kind && { kind }),
          ...(issuer !== undefined && { issuer: toLongIssuer(issuer) }),
          ...((groups ?? claims) && { claims: { ...claims, ...(groups && { [GROUPS]: groups }) } }),
          ...Object(ofPrincipal),
        };
  const what = request === undefined ? ofRequest : { ...toRequest(request), ...Object(ofRequest) };
  const isWhole = id !== undefined && request !== undefined;
  const time = now_s ?? (isWhole && now_s !== null ? Math.floor(Date.parse(timestamp) / 1000) : undefined);
  return {
    ...(who !== undefined && { principal: who }),
    ...(what !== undefined && { request: what }),
    ...(time !== undefined && { now_s: time }),
    ...rest,
  };
}

const REQUEST = /^(?:([^ ]*[.:][^ ]*) )?([^ ]+)(?: (.*))?$/s;

/** Makes the fields of the request of the text that {@link takeRequest} made. */
function toRequest(text: string): object {
  const [, address, method, path] = REQUEST.exec(text) ?? [];
  return {
    method,
    ...(path !== undefined && { path }),
    ...(address !== undefined && { source_ip: address }),
  };
}

const POOL = /^https:\/\/cognito-idp\.([a-z0-9-]+)\.amazonaws\.com\/(\1_[0-9A-Za-z]+)$/;
const SHORT = /^([a-z0-9-]+)_[0-9A-Za-z]+$/;

/** Shortens the issuer of a user pool to the pool's id, which has the region in it. */
function toShortIssuer(issuer: string): string {
  return POOL.exec(issuer)?.[2] ?? issuer;
}

function toLongIssuer(short: string): string {
  const region = SHORT.exec(short)?.[1];
  return region === undefined ? short : `https://cognito-idp.${region}.amazonaws.com/${short}`;
}

import { type Check, type Checks, is, optional, TEXT, TEXTS } from "./checks.ts";
import { isObject, isText, isTexts } from "./json.ts";

/** The fields of a line of the decision log that hold the input of the policy. */
export interface CompactInput {
  /** Source address, method and path, as far as the input has them: `203.0.113.7 GET /home`. */
  readonly request?: string | undefined;
  /** The id of the principal, under the kind of principal; `principal` if neither kind is proved. */
  readonly user?: string | undefined;
  readonly machine?: string | undefined;
  readonly principal?: string | undefined;
  /** The issuer; of a user pool its id. */
  readonly issuer?: string | undefined;
  /** The claim `cognito:groups`, if it is a list of texts. */
  readonly groups?: readonly string[] | undefined;
  /** The other claims. */
  readonly claims?: object | undefined;
  /** The time of the input, unless it is that of the line in whole seconds; null if the input has none. */
  readonly now_s?: number | null | undefined;
  /** The rest of the input. */
  readonly input?: object | undefined;
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

/** The fields of a line that one part of the input gives, and the rest of that part. */
interface Taken<Field extends keyof CompactInput> {
  /** Undefined if the part has another form; then all of it is in `more`. */
  readonly fields?: Pick<CompactInput, Field>;
  readonly more: unknown;
}

/**
 * Makes the fields of a line for an input; the inverse of {@link toInput}. Fields without a value are undefined, which JSON leaves out.
 *
 * Every decision does this, so nothing is copied but what is left over.
 */
export function toCompactInput(input: Readonly<Record<string, unknown>>, timestamp: string): CompactInput {
  const { now_s } = input;
  const who = takePrincipal(input["principal"]);
  const what = takeRequest(input["request"]);
  const isOdd = now_s !== undefined && typeof now_s !== "number";
  const isWhole = who.fields !== undefined && what.fields !== undefined;
  // The line implies the time of an input with a principal and a request, which is all of a decision.
  const implied = isWhole ? Math.floor(Date.parse(timestamp) / 1000) : undefined;
  return {
    request: what.fields?.request,
    user: who.fields?.user,
    machine: who.fields?.machine,
    principal: who.fields?.principal,
    issuer: who.fields?.issuer,
    groups: who.fields?.groups,
    claims: who.fields?.claims,
    now_s: isOdd || now_s === implied ? undefined : (now_s ?? null),
    input: toLeftOver(who.more, what.more, input, isOdd),
  };
}

function toLeftOver(
  principal: unknown,
  request: unknown,
  input: Readonly<Record<string, unknown>>,
  isOdd: boolean,
): object | undefined {
  const rest = leaveOut(input, (name) => name === "principal" || name === "request" || (name === "now_s" && !isOdd));
  if (principal === undefined && request === undefined) return rest;
  return { ...(principal !== undefined && { principal }), ...(request !== undefined && { request }), ...rest };
}

/** Takes the id, kind, issuer and claims of a principal. */
function takePrincipal(principal: unknown): Taken<"user" | "machine" | "principal" | "issuer" | "groups" | "claims"> {
  if (!isObject(principal)) return { more: principal };
  const { id, kind, issuer, claims } = principal;
  const isUser = kind === "user";
  const isMachine = kind === "machine";
  if (!isText(id) || (kind !== undefined && !isUser && !isMachine)) return { more: principal };
  const short = isText(issuer) && !SHORT.test(issuer) ? toShortIssuer(issuer) : undefined;
  const taken = isObject(claims) ? claims : undefined;
  const groups = taken?.[GROUPS];
  const fields = {
    user: isUser ? id : undefined,
    machine: isMachine ? id : undefined,
    principal: kind === undefined ? id : undefined,
    issuer: short,
    ...(isTexts(groups) ? { groups, claims: leaveOut(taken ?? {}, isGroups) } : { groups: undefined, claims: taken }),
  };
  const more = leaveOut(principal, (name) => {
    if (name === "issuer") return short !== undefined;
    return name === "id" || name === "kind" || (name === "claims" && taken !== undefined);
  });
  return { fields, more };
}

const GROUPS = "cognito:groups";
const isGroups = (name: string) => name === GROUPS;

/** Matches a method; an address has a dot or a colon. */
const METHOD = /^[^ .:]+$/;
const ADDRESS = /^[^ ]*[.:][^ ]*$/;

/** Takes source address, method and path of a request. */
function takeRequest(request: unknown): Taken<"request"> {
  if (!isObject(request)) return { more: request };
  const { method, path, source_ip: address } = request;
  if (!isText(method) || !METHOD.test(method)) return { more: request };
  const hasAddress = isText(address) && ADDRESS.test(address);
  const from = hasAddress ? `${address} ${method}` : method;
  const more = leaveOut(request, (name) => {
    if (name === "source_ip") return hasAddress;
    return name === "method" || (name === "path" && isText(path));
  });
  return { fields: { request: isText(path) ? `${from} ${path}` : from }, more };
}

/** Makes the object of the values that are left; undefined if none is. */
function leaveOut(
  object: Readonly<Record<string, unknown>>,
  isLeftOut: (name: string) => boolean,
): Readonly<Record<string, unknown>> | undefined {
  const names = Object.keys(object).filter((name) => !isLeftOut(name) && object[name] !== undefined);
  return names.length === 0 ? undefined : Object.fromEntries(names.map((name) => [name, object[name]]));
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

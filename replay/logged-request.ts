import type { CachingApi } from "../contract/api-kinds.ts";
import { isObject, isText } from "../contract/json.ts";
import { err, ok, type Result } from "../contract/result.ts";
import type { LineProblem } from "./line-problems.ts";
import { type Field, type Meaning, toMeaning } from "./variables.ts";

/** A request as an access log shows it. */
export interface LoggedRequest {
  readonly kind: CachingApi;
  readonly method: string;
  /** With the stage or a base path before it, as it was logged. */
  readonly path: string;
  readonly status: number;
  /** Undefined if neither variable for the time was logged. */
  readonly timeMs: number | undefined;
  /** The other fields; null for one that is logged and has no value. */
  readonly fields: Readonly<Partial<Record<Field, string | null>>>;
  /** The claims that are logged, by their names in the token; null for one that has no value. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** How the lines of a log are read. */
export interface LogReading {
  /** The variable of each key, if the log's format is known; otherwise keys are names of variables and of claims. */
  readonly format: ReadonlyMap<string, string> | undefined;
  /** The kind of API; undefined if each line shows it. */
  readonly kind: CachingApi | undefined;
  /** The names of the claims that a replay of the policy needs. */
  readonly claims: ReadonlySet<string>;
}

/** Reads a request from an entry of a log. */
export type ToLoggedRequest = (entry: Readonly<Record<string, unknown>>) => Result<LoggedRequest, LineProblem>;

/** Creates the function that reads requests. It remembers the meanings of keys, since lines of a log have the same ones. */
export function createToLoggedRequest(reading: LogReading): ToLoggedRequest {
  const { format, claims } = reading;
  const known = new Map<string, Meaning | undefined>();
  function meaningOf(key: string): Meaning | undefined {
    const before = known.get(key);
    if (before !== undefined || known.has(key)) return before;
    const name = format === undefined ? key : format.get(key);
    const meaning = name === undefined ? undefined : toMeaning(name, claims);
    if (known.size >= MAX_KEYS) known.clear();
    known.set(key, meaning);
    return meaning;
  }
  return (entry) => toLoggedRequest(entry, reading, meaningOf);
}

/** The most keys whose meanings are remembered. */
const MAX_KEYS = 1_000;

function toLoggedRequest(
  entry: Readonly<Record<string, unknown>>,
  { format, kind: givenKind }: LogReading,
  meaningOf: (key: string) => Meaning | undefined,
): ReturnType<ToLoggedRequest> {
  const fields: Partial<Record<Field, string | null>> = {};
  const claims = new Map<string, unknown>();
  for (const [key, value] of leavesOf(entry, format)) {
    const meaning = meaningOf(key);
    if (meaning === undefined) continue;
    const given = value === "-" || value === "" ? null : value;
    if ("claim" in meaning) {
      if (claims.has(meaning.claim) && !isSame(claims.get(meaning.claim), given)) return err("fields.conflict");
      claims.set(meaning.claim, given);
    } else {
      const text = given === null ? null : String(given);
      const { field } = meaning;
      const other = fields[field];
      if (other !== undefined && other !== text) return err("fields.conflict");
      fields[field] = text;
    }
  }
  const { method, path, status, routeKey, resourcePath } = fields;
  if (routeKey?.startsWith("$") === true && routeKey !== "$default") return err("line.web_socket");
  if (!isText(method) || !isText(path) || !isText(status)) return err("fields.missing");
  const timeMs = toTimeMs(fields);
  if (!/^[1-5]\d\d$/.test(status) || Number.isNaN(timeMs)) return err("fields.unreadable");
  const kind = givenKind ?? (isText(routeKey) ? "http" : isText(resourcePath) ? "rest" : undefined);
  if (kind === undefined) return err("kind.unknown");
  return ok({ kind, method, path, status: Number(status), timeMs, fields, claims: Object.fromEntries(claims) });
}

/** Tells whether a request has a claim. Without one, the log knows nothing of a token. */
export function hasClaims({ claims }: LoggedRequest): boolean {
  return Object.values(claims).some((value) => value !== null);
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Lists the values of an entry, those of nested objects by their names with dots between them. Objects below a claim are its value. */
export function leavesOf(
  entry: Readonly<Record<string, unknown>>,
  format?: ReadonlyMap<string, string>,
  before = "",
): readonly (readonly [key: string, value: unknown])[] {
  const isBelowClaims = /(^|\.)claims\.$/.test(before);
  const leaves: (readonly [key: string, value: unknown])[] = [];
  for (const [name, value] of Object.entries(entry)) {
    const key = `${before}${name}`;
    const isLeaf = !isObject(value) || isBelowClaims || format?.has(key) === true;
    if (isLeaf) leaves.push([key, value]);
    else for (const leaf of leavesOf(value, format, `${key}.`)) leaves.push(leaf);
  }
  return leaves;
}

/** Reads the time; NaN if it is logged and not in API Gateway's form, undefined if it is not logged. */
function toTimeMs({ timeMs, time }: LoggedRequest["fields"]): number | undefined {
  if (isText(timeMs)) return /^\d{13}$/.test(timeMs) ? Number(timeMs) : Number.NaN;
  // 25/Nov/2026:13:05:00 +0000
  const parts = isText(time) ? /^(\d\d)\/(\w{3})\/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d{4})$/.exec(time) : undefined;
  if (parts === undefined) return undefined;
  const [, day, month, year, clock, zone] = parts ?? [];
  return Date.parse(`${day} ${month} ${year} ${clock} ${zone}`);
}

import { API_KINDS, type ApiKind } from "./api-kinds.ts";
import { closed, is, mapOf, optional, TEXT, TEXTS } from "./checks.ts";
import { type CompactInput, INPUT_CHECKS, toCompactInput, toInput } from "./compact-input.ts";
import { isText, own } from "./json.ts";
import { APP, type LogEntry, type LoggedResult } from "./log-entry.ts";
import { isCode, isReason } from "./reason-codes.ts";

/**
 * A line of the decision log as it is written: flat, and without what follows from the rest, since a line is paid by the byte. Lists of
 * names are joined by spaces, so that a metric filter can match them and a query can group by them.
 */
interface CompactLine extends CompactInput {
  readonly decision_id: string;
  readonly timestamp: string;
  readonly revision: string;
  /** The version of the Lambda function; missing outside Lambda. */
  readonly v?: string | undefined;
  readonly api?: string | undefined;
  readonly stage?: string | undefined;
  /** `report` if the request was let through, whatever the line says. */
  readonly mode?: "report" | undefined;
  /** The kind of event, if the policy was not evaluated: then the event may be the reason. */
  readonly kind?: ApiKind | "unknown" | undefined;
  /** The grants that allow the request. */
  readonly allow?: string | undefined;
  /** The reasons for which the request is denied or refused. */
  readonly deny?: string | undefined;
  /** The grants that a per-token policy document was made of. */
  readonly document?: string | undefined;
  readonly denials?: string | undefined;
  readonly unmet?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly field?: string | undefined;
  readonly ambiguous_claims?: readonly string[] | undefined;
  readonly error?: LogEntry["error"] | undefined;
  /** The duration of the whole decision, in microseconds. */
  readonly us: number;
}

const NAMES = is((value) => isText(value) && value !== "");

const LINE = closed<CompactLine>({
  decision_id: TEXT,
  timestamp: is((value) => isText(value) && !Number.isNaN(Date.parse(value))),
  revision: TEXT,
  v: optional(TEXT),
  api: optional(TEXT),
  stage: optional(TEXT),
  mode: optional(is((mode) => mode === "report")),
  kind: optional(is((kind) => kind === "unknown" || (isText(kind) && own(API_KINDS, kind) !== undefined))),
  ...INPUT_CHECKS,
  allow: optional(NAMES),
  deny: optional(is((value) => isText(value) && value.split(" ").every(isReason))),
  document: optional(TEXT),
  denials: optional(NAMES),
  unmet: optional(mapOf(TEXTS)),
  field: optional(TEXT),
  ambiguous_claims: optional(TEXTS),
  error: optional(
    closed<NonNullable<LogEntry["error"]>>({ code: is((code) => isCode(code, "fault")), frames: optional(TEXTS) }),
  ),
  us: is((value) => typeof value === "number"),
});

/** Tells whether a value is a compact line. It has exactly one outcome, unless a fault prevented it. */
export function isCompactLine(value: unknown): value is CompactLine {
  if (LINE(value) !== undefined) return false;
  const { allow, deny, document, error } = value as CompactLine;
  return [allow, deny, document, error].filter((outcome) => outcome !== undefined).length === 1;
}

/**
 * Makes the compact line of an entry. {@link toEntry} gives the entry, but for what the line leaves out. Fields without a value are
 * undefined, which JSON leaves out.
 */
export function toCompactLine(entry: LogEntry): CompactLine {
  const { timestamp, labels, result } = entry;
  const input = entry.input as Readonly<Record<string, unknown>>;
  const fields = toCompactInput(input, timestamp);
  const outcome = result && toCompactResult(result);
  return {
    decision_id: entry.decision_id,
    timestamp,
    revision: entry.revision,
    v: labels.version,
    api: labels.api,
    stage: labels.stage,
    mode: labels.mode,
    kind: input["principal"] === undefined ? labels.kind : undefined,
    request: fields.request,
    user: fields.user,
    machine: fields.machine,
    principal: fields.principal,
    issuer: fields.issuer,
    groups: fields.groups,
    claims: fields.claims,
    now_s: fields.now_s,
    input: fields.input,
    allow: outcome?.allow,
    deny: outcome?.deny,
    document: outcome?.document,
    denials: outcome?.denials,
    unmet: outcome?.unmet,
    field: entry.field,
    ambiguous_claims: entry.ambiguous_claims,
    error: entry.error,
    us: Math.round(entry.metrics.timer_server_handler_ns / 1000),
  };
}

/** Makes the entry of a compact line, in OPA's format. */
export function toEntry(line: CompactLine): LogEntry {
  const { decision_id, timestamp, revision, v: version, kind, api, stage, mode, field, ambiguous_claims, error } = line;
  const result = toResult(line);
  return {
    decision_id,
    timestamp,
    labels: {
      app: APP,
      ...(kind !== undefined && { kind }),
      ...(api !== undefined && { api }),
      ...(stage !== undefined && { stage }),
      ...(version !== undefined && { version }),
      ...(mode !== undefined && { mode }),
    },
    revision,
    path: line.document === undefined ? "engine/decision" : "engine/entitlements",
    input: toInput(line, timestamp),
    ...(result && { result }),
    ...(field !== undefined && { field }),
    ...(ambiguous_claims && { ambiguous_claims }),
    ...(error && { error }),
    metrics: { timer_server_handler_ns: line.us * 1000 },
  };
}

function toCompactResult(result: LoggedResult): Pick<CompactLine, "allow" | "deny" | "document" | "denials" | "unmet"> {
  if (!("effect" in result)) return { document: result.grants.join(" "), denials: toList(result.denials) };
  if (result.effect === "allow") return { allow: result.grants.join(" ") };
  const { reasons, denials, unmet } = result;
  return {
    deny: reasons.join(" "),
    denials: toList(denials),
    unmet: Object.keys(unmet).length > 0 ? unmet : undefined,
  };
}

function toList(names: readonly string[]): string | undefined {
  return names.length > 0 ? names.join(" ") : undefined;
}

function toResult({ allow, deny, document, denials, unmet = {} }: CompactLine): LoggedResult | undefined {
  if (allow !== undefined) return { effect: "allow", grants: toNames(allow) };
  if (deny !== undefined) return { effect: "deny", reasons: toNames(deny), denials: toNames(denials), unmet };
  return document === undefined ? undefined : { grants: toNames(document), denials: toNames(denials) };
}

function toNames(joined: string | undefined): readonly string[] {
  return joined === undefined || joined === "" ? [] : joined.split(" ");
}

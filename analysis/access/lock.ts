import type { ConditionFacts } from "../../contract/condition-facts.ts";
import { own } from "../../contract/json.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import { formatLine, parseLine } from "./lock-lines.ts";
import type { AccessLine, AccessPolicy } from "./model.ts";
import { formatValue, parseValue } from "./quoted.ts";

/** The access of a policy as it is checked in. */
export interface AccessLock {
  readonly lines: readonly AccessLine[];
  /** By name: the conditions that the lines name. */
  readonly conditions: Readonly<Record<string, Pick<ConditionFacts, "digest" | "text">>>;
}

/** Why a text is no access lock of this version. */
export type LockError =
  | { readonly code: "other_format"; readonly header: string }
  /** The line has no form of a lock, or stands elsewhere than `lock` writes it. */
  | { readonly code: "edited"; readonly line: number };

const HEADER = "rego-authorizer access lock 1";

/** Makes the lock from the lines of a policy's access. */
export function toAccessLock(
  lines: readonly AccessLine[],
  { conditions }: Pick<AccessPolicy, "conditions">,
): AccessLock {
  const named = new Set(lines.flatMap(namesIn).map(nameOfInstance));
  const kept = Object.entries(conditions).filter(([name]) => named.has(name));
  return {
    lines,
    conditions: Object.fromEntries(kept.map(([name, { digest, text }]) => [name, { digest, text }])),
  };
}

function namesIn(line: AccessLine): readonly string[] {
  switch (line.kind) {
    case "allow":
      return line.terms.conditions;
    case "deny":
      return line.unless;
    case "public":
      return [];
    default:
      return line satisfies never;
  }
}

/** Gives the name of the condition of an instance: `is_assigned` of `is_assigned(1)`. */
export function nameOfInstance(instance: string): string {
  return instance.replace(/\([^()]*\)$/, "");
}

/** Formats a lock: a header, and sorted lines. */
export function formatAccessLock({ lines, conditions }: AccessLock): string {
  const texts = [
    ...lines.map(formatLine),
    ...Object.entries(conditions).map(
      ([name, { digest, text }]) => `condition | ${formatValue(name)} | ${digest} | ${text}`,
    ),
  ];
  return `${[HEADER, ...[...new Set(texts)].sort()].join("\n")}\n`;
}

/** Parses a lock. It must be as {@link formatAccessLock} formats it, but for the ends of its lines. */
export function parseAccessLock(text: string): Result<AccessLock, LockError> {
  const [header = "", ...rows] = text.replaceAll("\r\n", "\n").split("\n");
  if (header !== HEADER) return err({ code: "other_format", header: header.slice(0, 80) });
  const lines: AccessLine[] = [];
  const conditions = new Map<string, Pick<ConditionFacts, "digest" | "text">>();
  for (const [at, row] of rows.slice(0, -1).entries()) {
    const condition = parseCondition(row);
    const line = condition === undefined ? parseLine(row) : undefined;
    const isSorted = at === 0 || (rows[at - 1] ?? "") < row;
    if ((condition === undefined && line === undefined) || !isSorted) return err({ code: "edited", line: at + 2 });
    if (condition !== undefined) conditions.set(condition.name, condition.facts);
    if (line !== undefined) lines.push(line);
  }
  const lock = { lines, conditions: Object.fromEntries(conditions) };
  const misfit = findMisfit(lock, rows);
  if (misfit !== -1) return err({ code: "edited", line: misfit + 2 });
  const expected = formatAccessLock(lock).split("\n");
  const differs = expected.findIndex((row, at) => row !== [header, ...rows][at]);
  const isWhole = differs === -1 && expected.length === rows.length + 1;
  return isWhole ? ok(lock) : err({ code: "edited", line: (differs === -1 ? rows.length : differs) + 1 });
}

/** Finds the first row that names a condition which has no row, or the row of a condition that no other one names. */
function findMisfit({ lines, conditions }: AccessLock, rows: readonly string[]): number {
  const named = new Set(lines.flatMap(namesIn).map(nameOfInstance).filter(isName));
  return rows.findIndex((row) => {
    const noted = parseCondition(row)?.name;
    if (noted !== undefined) return !named.has(noted);
    const line = parseLine(row);
    const names = line === undefined ? [] : namesIn(line).map(nameOfInstance).filter(isName);
    return names.some((name) => own(conditions, name) === undefined);
  });
}

/** Tells whether a text is the name of a condition. What is said of roles in its place is not. */
function isName(text: string): boolean {
  return /^[A-Za-z_]\w*$/.test(text);
}

function parseCondition(row: string) {
  const [, text = "", digest = "", shown = ""] =
    /^condition \| (.+?) \| (sha256:[0-9a-f]{64}) \| (.*)$/.exec(row) ?? [];
  const name = parseValue(text);
  return name === undefined || digest === "" ? undefined : { name, facts: { digest, text: shown } };
}

/** Formats an error as what is wrong with a file, and what to do. */
export function formatLockError(file: string, error: LockError): string {
  switch (error.code) {
    case "other_format":
      return `${file} is no access lock of this version: it starts with ${JSON.stringify(error.header)} instead of "${HEADER}"; write it with rego-authorizer lock`;
    case "edited":
      return `${file}:${error.line} is not as rego-authorizer lock writes it, so the file was edited or merged by hand; write it with rego-authorizer lock`;
    default:
      return error satisfies never;
  }
}

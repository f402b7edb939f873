import { isCompactLine, toCompactLine, toEntry } from "./compact-log.ts";
import { parseJson } from "./json.ts";
import { isLogEntry, type LogEntry } from "./log-entry.ts";
import { err, ok, type Result } from "./result.ts";
import { escapeSteering } from "./steering.ts";

/** The forms of a line: short, or the whole entry in OPA's format. */
export type LogFormat = "compact" | "opa";

/**
 * Formats an entry as one line, with its line break.
 *
 * The values come from anybody. So characters that are not visible are escaped, as JSON allows: a line can't look like two, or
 * like another one.
 */
export function formatLogEntry(entry: LogEntry, format: LogFormat = "compact"): string {
  const text = JSON.stringify(format === "opa" ? entry : toCompactLine(entry));
  return `${escapeSteering(text)}\n`;
}

/**
 * Parses a line of the decision log in either form.
 *
 * @returns The entry, or why the line is not an entry: a Lambda's log group also has lines of the runtime.
 */
export function parseLogEntry(line: string): Result<LogEntry, "log.not_json" | "log.not_a_decision"> {
  const value = parseJson(line);
  if (value === undefined) return err("log.not_json");
  if (isCompactLine(value)) return ok(toEntry(value));
  return isLogEntry(value) ? ok(value) : err("log.not_a_decision");
}

import { isUnambiguous } from "../authorizer/identity/unambiguous-json.ts";
import { isObject, isText, parseJson } from "../contract/json.ts";
import { err, ok, type Result } from "../contract/result.ts";
import type { LineProblem } from "./line-problems.ts";

type Entry = Readonly<Record<string, unknown>>;

/** The time before each message in a file that CloudWatch Logs exports to S3, and the time and stream that `aws logs tail` prints. */
const TIME_BEFORE = /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)\s+(?:[^\s{"]+\s+)?(?=\{)/;

/**
 * Finds the entries of an access log in a line: one; several with tabs between them, as AWS's CLI prints texts; or the messages
 * of a record that a subscription of CloudWatch Logs delivers. A time before an entry is left out.
 *
 * @returns For each entry the entry, or why it can't be read. Empty for an empty line.
 */
export function unwrapLine(line: string): readonly Result<Entry, LineProblem>[] {
  const text = line.replace(/^\uFEFF/, "").trim();
  if (text === "") return [];
  const whole = parseEntry(text.replace(TIME_BEFORE, ""));
  if (whole.ok) return messagesIn(whole.value) ?? [whole];
  const parts = text.split("\t").filter((part) => part.trim() !== "");
  const isList = parts.length > 1 && parts.every((part) => part.trim().startsWith("{"));
  return isList ? parts.flatMap(unwrapLine) : [whole];
}

function parseEntry(text: string): Result<Entry, LineProblem> {
  const value = parseJson(text);
  if (value === undefined) return err(toProblem(text));
  if (!isObject(value)) return err("line.not_json");
  return isUnambiguous(text, value) ? ok(value) : err("line.ambiguous");
}

/** Lists the messages of a record of CloudWatch Logs; undefined if the entry has none. */
function messagesIn({ messageType, logEvents, events }: Entry): readonly Result<Entry, LineProblem>[] | undefined {
  const list = Array.isArray(logEvents) ? logEvents : Array.isArray(events) ? events : undefined;
  if (list === undefined) return messageType === "CONTROL_MESSAGE" ? [] : undefined;
  return list.flatMap((event) =>
    isObject(event) && isText(event["message"]) ? unwrapLine(event["message"]) : [err("line.not_json")],
  );
}

/** Tells which other format a line has. */
function toProblem(text: string): LineProblem {
  if (/^[[{]$/.test(text) || /^"[^"]*": .*[,{[]$/.test(text) || /^[\]}],?$/.test(text)) return "line.part_of_document";
  if (text.startsWith("<")) return "line.xml";
  if (/^\S+ \S+ \S+ \[[^\]]+\]/.test(text)) return "line.clf";
  if (!/[{}]/.test(text) && text.split(",").length > 3) return "line.csv";
  return "line.not_json";
}

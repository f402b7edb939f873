import { readFile } from "node:fs/promises";
import { text as textOf } from "node:stream/consumers";
import type { Claims } from "../../authorizer/identity/claims.ts";
import { parseToken } from "../../authorizer/identity/parse-token.ts";
import { parseLogEntry } from "../../contract/decision-log.ts";
import { isObject, parseJson } from "../../contract/json.ts";
import { MAX_TOKEN_CHARS } from "../../contract/limits.ts";
import type { LogEntry } from "../../contract/log-entry.ts";
import { err, ok, type Result } from "../../contract/result.ts";

/** The claims that say who asks. Those of a token have its header. */
export type IdentityClaims =
  | { readonly from: "token"; readonly claims: Claims; readonly header: Claims }
  | { readonly from: "claims"; readonly claims: Claims };

/** Decodes a token, perhaps with `Bearer` before it, or the one in standard input for `-`. It is not verified. */
export async function decodeToken(given: string): Promise<Result<IdentityClaims, string>> {
  const text = given === "-" ? ((await readInput(given)) ?? "") : given;
  const token = text.trim().replace(/^bearer +/i, "");
  if (token.length > MAX_TOKEN_CHARS)
    return err(`the token has more than ${MAX_TOKEN_CHARS} characters, so that the authorizer refuses it`);
  const parsed = parseToken(token);
  if (parsed.ok) return ok({ from: "token", claims: parsed.value.claims, header: parsed.value.header });
  return err("--token is not a token (JWT): three parts in base64url with dots between them, of which two are JSON");
}

/** Reads the claims of a token, as a JSON object, from a file. */
export async function readClaims(file: string): Promise<Result<IdentityClaims, string>> {
  const text = await readInput(file);
  if (text === undefined) return err(`${file} can't be read; name a file with the claims of a token`);
  const claims = parseJson(text);
  if (isObject(claims)) return ok({ from: "claims", claims });
  return err(`${file} has no claims; they are a JSON object, like {"cognito:groups": ["Support"]}`);
}

/**
 * Reads a line of the decision log from a file. Other lines are left out, since a Lambda's log group has lines of the runtime too.
 *
 * @returns The entry; or a line that says why there is none, several, or one without an input.
 */
export async function readLogLine(file: string): Promise<Result<LogEntry, string>> {
  const text = await readInput(file);
  if (text === undefined) return err(`${file} can't be read; name a file with a line of the decision log`);
  const lines = text.split(/[\n\t]/).filter((line) => line.trim() !== "");
  const entries = lines.flatMap((line) => {
    const entry = parseLogEntry(line.trim());
    return entry.ok ? [entry.value] : [];
  });
  const [entry, ...more] = entries;
  if (entry === undefined) return err(`${file} has no line of the decision log`);
  if (more.length > 0) return err(`${file} has ${entries.length} lines of the decision log; name a file with one`);
  return ok(entry);
}

/** Reads a file, or standard input for `-`; undefined if it can't be read. */
async function readInput(file: string): Promise<string | undefined> {
  return (file === "-" ? textOf(process.stdin) : readFile(file, "utf8")).catch(() => undefined);
}

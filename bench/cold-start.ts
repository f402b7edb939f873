import { execFile } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { isObject } from "../contract/json.ts";

/** A handler whose cold start is measured. */
export interface Starter {
  readonly name: string;
  /** The module that exports `handler`. */
  readonly file: string;
  /** The file of the event that the handler is sent, as JSON. */
  readonly eventFile: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** What one process took, in milliseconds. */
export interface ColdStart {
  /** User and system time of all threads, from the start of the process to the first answer. */
  readonly cpuMs: number;
  /** From the start of the process until the module was loaded. */
  readonly loadedMs: number;
  /** From the start of the process to the first answer. */
  readonly answeredMs: number;
  readonly answer: unknown;
}

const SCRIPT = join(import.meta.dirname, "cold-start-process.mjs");

/**
 * Measures the cold start of one handler in a process of its own.
 *
 * @param before - A command that runs the process, such as one that limits its share of a core.
 * @throws If the handler does not answer.
 */
export async function measureColdStart(
  { file, eventFile, env = {} }: Starter,
  before: readonly string[] = [],
): Promise<ColdStart> {
  const command = [...before, process.execPath, SCRIPT, pathToFileURL(file).href, eventFile];
  const [program = process.execPath, ...rest] = command;
  const { stderr } = await promisify(execFile)(program, rest, { env: { PATH: process.env["PATH"], ...env } });
  const last: unknown = JSON.parse(stderr.trim().split("\n").at(-1) ?? "");
  if (!isObject(last)) throw new Error(`${file} gives no figures`);
  const { cpuMs, loadedMs, answeredMs, answer } = last;
  return { cpuMs: Number(cpuMs), loadedMs: Number(loadedMs), answeredMs: Number(answeredMs), answer };
}

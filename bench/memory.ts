import { execFile } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { isObject } from "../contract/json.ts";
import type { BuiltPolicy } from "./built-policies.ts";

/** Memory after some number of decisions, in bytes. */
export interface MemoryPoint {
  readonly decisions: number;
  /** All memory of the engine's instances. */
  readonly engine: number;
  /** The objects of JavaScript that are in use. */
  readonly heap: number;
  /** The memory of the whole process. */
  readonly resident: number;
  /** The most memory that the process had so far. */
  readonly peak: number;
}

const SCRIPT = join(import.meta.dirname, "memory-process.mjs");

/**
 * Measures the memory of a built handler in a fresh process, whose log lines go nowhere.
 *
 * @param points - The numbers of decisions after which memory is measured, in ascending order.
 * @throws If the process ends without figures.
 */
export async function measureMemory(
  { folder, eventFile, environment }: BuiltPolicy,
  points: readonly number[],
): Promise<readonly MemoryPoint[]> {
  const entry = pathToFileURL(join(folder, "index.mjs")).href;
  // A shell drops the log lines. Their pipe would otherwise be read in this process.
  const command = ["-c", 'exec "$0" "$@" >/dev/null', process.execPath];
  const args = ["--expose-gc", SCRIPT, entry, eventFile, ...points.map(String)];
  const { stderr } = await promisify(execFile)("/bin/sh", [...command, ...args], { env: environment });
  const measured: unknown = JSON.parse(stderr.trim().split("\n").at(-1) ?? "");
  if (!Array.isArray(measured)) throw new Error(stderr);
  return measured.filter(isPoint);
}

function isPoint(value: unknown): value is MemoryPoint {
  return isObject(value) && typeof value["engine"] === "number";
}

import { readFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { OPA_VERSION } from "../../build/opa/release.ts";
import { isObject, isText, parseJson } from "../../contract/json.ts";
import { PEERS } from "../peers.ts";
import type { Machine } from "./results.ts";

const ROOT = join(import.meta.dirname, "../..");

/** Reads what the figures depend on. */
export async function readMachine(): Promise<Machine> {
  const processors = cpus();
  const versions: Record<string, string> = {};
  for (const { name, folder } of PEERS) versions[name] = await readVersion(join(ROOT, folder, "node_modules", name));
  return {
    cpu: processors[0]?.model ?? "unknown",
    cores: processors.length,
    node: process.versions.node,
    opa: OPA_VERSION,
    versions,
  };
}

async function readVersion(folder: string): Promise<string> {
  const file = parseJson(await readFile(join(folder, "package.json"), "utf8"));
  return isObject(file) && isText(file["version"]) ? file["version"] : "unknown";
}

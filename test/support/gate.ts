import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Finding } from "../../gate/finding.ts";
import type { GateOptions } from "../../gate/judge.ts";
import { judgeFiles } from "../../gate/judge-files.ts";

/** The environment of a policy's function, shortened. */
export const POLICY_ENVIRONMENT = {
  TRUSTED_ISSUERS: "[]",
  CACHE_CONTRACT: JSON.stringify({ id: "sha256:0", rest: ["token", "method", "path"] }),
};

/** A folder with files, which are removed with it. */
export function createFolder(files: Readonly<Record<string, unknown>>): string {
  const folder = mkdtempSync(join(tmpdir(), "gate-"));
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
  return folder;
}

/** Judges a template, as JSON or text. */
export function judgeTemplate(template: unknown, options?: GateOptions) {
  return judgeFiles(["template"], options, createFolder({ template }));
}

/** Lists the codes of findings with the logical ids that they are about. */
export function toLines(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ code, place }) => `${code} ${place.id}`).sort();
}

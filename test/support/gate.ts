import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Finding } from "../../gate/finding.ts";
import type { GateOptions, GateReport } from "../../gate/judge.ts";
import { judgeFiles } from "../../gate/judge-files.ts";

/** The environment of a policy's function, shortened. */
export const POLICY_ENVIRONMENT = {
  TRUSTED_ISSUERS: "[]",
  CACHE_CONTRACT: JSON.stringify({ id: "sha256:0", rest: ["token", "method", "path"] }),
};

/** Judges files of a folder, which is removed then: values become JSON, texts stay. The first file is judged, or those named. */
export function judgeFolder(
  files: Readonly<Record<string, unknown>>,
  options?: GateOptions,
  named: readonly string[] = Object.keys(files).slice(0, 1),
): GateReport {
  const folder = mkdtempSync(join(tmpdir(), "gate-"));
  try {
    for (const [name, content] of Object.entries(files))
      writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
    return judgeFiles(named, options, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Judges one template, as a value or as text. */
export function judgeTemplate(template: unknown, options?: GateOptions): GateReport {
  return judgeFolder({ template }, options);
}

/** Lists the codes of findings with the logical ids that they are about. */
export function toLines(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ code, place }) => `${code} ${place.id}`).sort();
}

import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import type { IssuerSetting } from "../../contract/issuer-settings.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import { formatTrustedIssuers, parseTrustedIssuers } from "../../contract/trusted-issuers.ts";

/** The trusted issuers to pack. */
export interface PackedIssuers {
  readonly settings: readonly IssuerSetting[];
  /** The JSON text for the package. */
  readonly text: string;
}

/**
 * Reads the file of trusted issuers to pack: a list of entries as in `TRUSTED_ISSUERS`, as JSON or YAML.
 *
 * @returns The issuers, undefined if no file is named, or a line for everything that is wrong. A line repeats no value.
 */
export async function readIssuers(
  file: string | undefined,
): Promise<Result<PackedIssuers | undefined, readonly string[]>> {
  if (file === undefined || file === "") return ok(undefined);
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return err([`ISSUERS=${file} can't be read`]);
  let entries: unknown;
  try {
    // JSON is YAML, too.
    entries = parse(text, { logLevel: "error" });
  } catch {
    return err([`ISSUERS=${file} is neither JSON nor YAML`]);
  }
  if (!Array.isArray(entries) || entries.length === 0)
    return err([`ISSUERS=${file}: must be a list of issuers, with entries like those of TRUSTED_ISSUERS`]);
  const settings = parseTrustedIssuers(undefined, { file: `ISSUERS=${file}`, entries });
  return settings.ok ? ok({ settings: settings.value, text: `${formatTrustedIssuers(settings.value)}\n` }) : settings;
}

import { readFileSync } from "node:fs";
import type { DeployedApis } from "../analysis/cache/aliases.ts";
import { describeApis } from "../analysis/cache/described-apis.ts";
import { completeSamTemplate } from "../analysis/cache/sam-template.ts";
import { toVariables } from "../analysis/cache/variables.ts";
import type { CacheContract } from "../contract/manifest.ts";
import { err, ok, type Result } from "../contract/result.ts";
import { parseTemplate } from "../gate/read-template.ts";
import { toEditedText } from "../openapi/edited-text.ts";

/** A template of AWS SAM: its text, and its value with the long forms of CloudFormation's functions. */
export interface SamTemplate {
  readonly file: string;
  readonly text: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** Reads a template of AWS SAM, or says why that is not possible. */
export function readSamTemplate(file: string): Result<SamTemplate, string> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return err(`${file}: can't be read`);
  }
  const value = parseTemplate(text);
  return value.ok ? ok({ file, text, value: value.value }) : err(`${file}: ${value.error}`);
}

/**
 * Writes a completed template, with the comments and the order of the original.
 *
 * @returns The text, or a line for each error.
 */
export function toCompletedTemplate(
  { file, text, value }: SamTemplate,
  contract: CacheContract,
  deployed: DeployedApis,
): Result<string, readonly string[]> {
  const completed = completeSamTemplate(value, {
    apis: describeApis(contract, deployed),
    toVariables: (apis) => toVariables(contract, apis, deployed.tokenSources),
    codeUri: "dist/authorizer",
  });
  if (!completed.ok) return err(completed.error.map((line) => `${file}: ${line}`));
  const format = text.trimStart().startsWith("{") ? "json" : "yaml";
  const edited = toEditedText(text, value, completed.value, format);
  return edited.ok ? edited : err([`${file}: ${edited.error}`]);
}

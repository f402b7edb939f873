import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isObject, isText } from "../contract/json.ts";
import { parseTemplate } from "./read-template.ts";

/**
 * Puts the content of local files in the place of `AWS::Include`, as CloudFormation does after packaging.
 *
 * What is in S3, can't be read, or would overwrite its neighbours stays, and is then found to be unreadable.
 *
 * @param folder - The folder of the template, from which `Location` leads.
 */
export function withLocalIncludes(value: unknown, folder: string): unknown {
  if (Array.isArray(value)) return value.map((one) => withLocalIncludes(one, folder));
  if (!isObject(value)) return value;
  const { "Fn::Transform": transform, ...others } = value;
  const included = transform === undefined ? undefined : readInclude(transform, folder);
  const neighbours = Object.entries(included === undefined ? value : others);
  if (included !== undefined && neighbours.some(([key]) => Object.hasOwn(included, key))) return value;
  return {
    ...included,
    ...Object.fromEntries(neighbours.map(([key, one]) => [key, withLocalIncludes(one, folder)])),
  };
}

function readInclude(transform: unknown, folder: string): Readonly<Record<string, unknown>> | undefined {
  const { Name: name, Parameters: parameters } = Object(transform);
  const location: unknown = Object(parameters).Location;
  if (name !== "AWS::Include" || !isText(location) || /^(s3|https?):/i.test(location)) return undefined;
  const path = join(folder, location);
  if (!existsSync(path)) return undefined;
  try {
    const parsed = parseTemplate(readFileSync(path, "utf8"));
    return parsed.ok ? parsed.value : undefined;
  } catch {
    return undefined;
  }
}

import { err, ok, type Result } from "../contract/result.ts";
import { parseTree, toTaggedValue } from "./tagged-yaml.ts";

/**
 * Parses the text of an OpenAPI document, JSON or YAML, to its plain value: aliases and merge keys are followed, and tags of
 * CloudFormation (`!Sub`) are in their long forms (`Fn::Sub`).
 *
 * @returns The value, or why there is none.
 */
export function parseDocumentText(text: string): Result<unknown, string> {
  const tree = parseTree(text);
  if (!tree.ok) return tree;
  const tagged = toTaggedValue(tree.value);
  if (!tagged.ok) return err(`has aliases that can't be followed: ${tagged.error}`);
  const { value } = tagged.value;
  try {
    // This throws if an alias leads back to itself.
    JSON.stringify(value);
  } catch {
    return err("has aliases that can't be followed: one of them leads back to itself");
  }
  return ok(value);
}

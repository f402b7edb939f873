import { isObject, parseJson } from "../contract/json.ts";
import { err, ok, type Result } from "../contract/result.ts";
import { parseTree, toTaggedValue } from "../openapi/tagged-yaml.ts";

/** More levels than any template has. The readers follow values to their ends, so a circle of aliases must not get there. */
const MAX_LEVELS = 500;

/**
 * Parses a template or a document, JSON or YAML with CloudFormation's short tags.
 *
 * @returns An object, or why the text is not one.
 */
export function parseTemplate(text: string): Result<Readonly<Record<string, unknown>>, string> {
  try {
    const parsed = parseText(text);
    return parsed.ok && isDeeperThan(MAX_LEVELS, parsed.value) ? err(TOO_DEEP) : parsed;
  } catch (thrown) {
    // The parsers call themselves for each level.
    if (thrown instanceof RangeError) return err(TOO_DEEP);
    throw thrown;
  }
}

const TOO_DEEP = `is not a template (its values are nested in a circle, or in more than ${MAX_LEVELS} levels)`;

function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((one) => isDeeperThan(levels - 1, one));
}

function parseText(text: string): Result<Readonly<Record<string, unknown>>, string> {
  if (text.trimStart().startsWith("{")) {
    const value = parseJson(text.replace(/^\uFEFF/, ""));
    if (isObject(value)) return ok(value);
  }
  const tree = parseTree(text);
  if (!tree.ok) return tree;
  const tagged = toTaggedValue(tree.value);
  // An alias without an anchor, or aliases that would make the document very large.
  if (!tagged.ok) return err(`is not a template (${tagged.error})`);
  const { value, unknownTags } = tagged.value;
  if (unknownTags.length > 0) return err(`has the tag ${unknownTags[0]}, which CloudFormation does not know`);
  return isObject(value) ? ok(value) : err("is not a template: it is not a map");
}

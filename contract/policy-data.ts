import { closed, is, type Mismatch } from "./checks.ts";
import { packIndex } from "./pack-index.ts";
import { unpackIndex } from "./packed-index.ts";
import type { PolicyData, PolicyIndex } from "./policy-index.ts";
import { err, ok, type Result } from "./result.ts";

/**
 * Parses the policy index (`data.engine.index.compiled`), which is packed for look-up.
 *
 * The engine makes the index in Rego, and the rest of the product reads it. An unknown key may restrict access, so code
 * that ignored it would allow too much: it is an error. A revision is the digest of the text that OPA writes.
 */
export function parsePolicyIndex(value: unknown): Result<PolicyIndex, Mismatch> {
  const index = unpackIndex(value);
  return index.ok ? index : err(fromRoot(index.error));
}

/** Parses the data document of the module: the index, and the base data if there is any. */
export function parsePolicyData(value: unknown): Result<PolicyData, Mismatch> {
  const error = DATA(value);
  if (error !== undefined) return err(fromRoot(error));
  const { engine, data } = value as { engine: { index: { compiled: unknown } }; data?: unknown };
  const index = unpackIndex(engine.index.compiled);
  if (!index.ok) return err({ ...index.error, at: `engine.index.compiled${index.error.at}` });
  return ok({ index: index.value, base: data });
}

/** Writes a place as from the root: `grants["orders.read"].until`. */
function fromRoot(mismatch: Mismatch): Mismatch {
  return { ...mismatch, at: mismatch.at.replace(/^\./, "") };
}

/** Formats an error as a message that says what is wrong and what to do. */
export function formatPolicyIndexError({ code, at }: Mismatch): string {
  switch (code) {
    case "key_unknown":
      return (
        `the policy index has ${at}, which this version does not know; code that ignores a key may allow what the key ` +
        "forbids. Make and read the index with the same version. If you are adding the key, add it to " +
        "contract/policy-index.ts and handle it in each place that no longer compiles"
      );
    case "malformed":
      return `the policy index is malformed at ${at || "its root"}; make and read the index with the same version`;
    default:
      return code satisfies never;
  }
}

const ANYTHING = is(() => true);

const DATA = closed({ engine: closed({ index: closed({ compiled: ANYTHING }) }), data: ANYTHING });

/** Makes the data document of a module, as the build writes it. */
export function toDataDocument({ index, base }: PolicyData): { readonly engine: object; readonly data?: unknown } {
  return { engine: { index: { compiled: packIndex(index) } }, ...(base !== undefined && { data: base }) };
}

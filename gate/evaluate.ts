import { isText, own } from "../contract/json.ts";
import { INTRINSICS, type Surroundings, type Written } from "./intrinsics.ts";
import { formatHidden, toReadable, withoutReferences } from "./references.ts";
import type { Scope } from "./scope.ts";

/** Deeper than templates nest values and stacks; a circle of outputs ends here. */
const MAX_DEPTH = 200;

/**
 * Evaluates a value of a template: intrinsic functions become texts, in which references stand for what only a deployment
 * knows. Two texts are equal if the values are the same.
 *
 * @returns `undefined` for `AWS::NoValue`. A function that can't be evaluated becomes a hidden value.
 */
export function evaluate(value: unknown, scope: Scope, around: Surroundings, depth = 0): unknown {
  if (isText(value)) return withoutReferences(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth > MAX_DEPTH) return formatHidden(scope.id, "a circle");
  const inner = (one: unknown) => evaluate(one, scope, around, depth + 1);
  if (Array.isArray(value)) return value.map(inner).filter((one) => one !== undefined);
  const keys = Object.keys(value);
  const [name = ""] = keys;
  const intrinsic = keys.length === 1 ? own(INTRINSICS, name) : undefined;
  if (intrinsic !== undefined) {
    const elsewhere = (one: Written) => evaluate(one.value, one.scope, around, depth + 1);
    const evaluated = intrinsic(own(Object(value), name), { scope, around, inner, elsewhere });
    return evaluated === undefined ? hide(value, scope) : evaluated.value;
  }
  // A transform inserts what only AWS sees. The readers look for it.
  if (keys.length === 1 && name.startsWith("Fn::") && name !== "Fn::Transform") return hide(value, scope);
  const entries = Object.entries(value).map(([key, one]) => [key, inner(one)] as const);
  return Object.fromEntries(entries.filter(([, one]) => one !== undefined));
}

function hide(value: object, scope: Scope): string {
  return formatHidden(scope.id, toReadable(JSON.stringify(value)));
}

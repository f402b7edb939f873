import type { ConditionReads } from "../../build/policy/condition-reads.ts";
import { isObject, own } from "../../contract/json.ts";
import type { InputReference } from "../../contract/manifest.ts";
import { formatValue } from "./changes.ts";
import type { Asked } from "./input.ts";

/**
 * Formats a condition that is not true, with what it reads: `condition signed_in_recently is not true: it reads input.now_s
 * (1764158506) and input.principal.claims.auth_time, which is missing`.
 *
 * @param held - The roles of the caller.
 * @param params - The values that the path has for the parameters of the rule that asks for the condition.
 */
export function formatUnmet(
  name: string,
  input: Asked,
  reads: ConditionReads | undefined,
  held: readonly string[],
  params: Readonly<Record<string, string>>,
): string {
  const start = `condition ${name} is not true`;
  const several = Object.entries(input.request.ambiguous ?? {}).find(([, names]) => names.includes(name));
  if (several !== undefined) return `${start}: request.${several[0]} has several values; send one`;
  const fields = (reads?.fields ?? []).map((field) => {
    // The engine gives parameters to a condition itself, from the path.
    const value = readField({ ...input, params }, field);
    return `${formatReference(field)}${value === undefined ? ", which is missing" : ` (${formatValue(value)})`}`;
  });
  const roles = (reads?.roles ?? []).map(
    (role) => `the role ${role}${held.includes(role) ? "" : ", which is not held"}`,
  );
  // What is missing is the likely reason, so it stands last, where the eye is.
  const parts = [...roles, ...fields].sort((one, other) => Number(isMissing(one)) - Number(isMissing(other)));
  return parts.length === 0
    ? start
    : `${start}: it reads ${parts.join(parts.length > 2 || parts.every(isMissing) ? "; " : " and ")}`;
}

function isMissing(text: string): boolean {
  return text.endsWith("which is missing") || text.endsWith("which is not held");
}

function formatReference(field: InputReference): string {
  return ["input", ...field].reduce((text, part) =>
    /^[A-Za-z_]\w*$/.test(part) ? `${text}.${part}` : `${text}[${JSON.stringify(part)}]`,
  );
}

function readField(input: Asked, field: InputReference): unknown {
  return field.reduce<unknown>((value, part) => (isObject(value) ? own(value, part) : undefined), input);
}

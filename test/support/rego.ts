import type { Policy } from "./oracle.ts";

/** Formats an object as Rego, its lists as sets. */
export function toRego(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "set()" : `{${value.map(toRego).join(", ")}}`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .map(([key, item]) => `${JSON.stringify(key)}: ${toRego(item)}`)
    .join(", ")}}`;
}

/** Writes the files of a policy, with grants and denials in the areas that their names start with. */
export function toFiles({ roles, grants, denials }: Policy): Readonly<Record<string, string>> {
  const areas = new Map<string, string[]>();
  for (const [kind, rules] of [
    ["grants", grants],
    ["denials", denials],
  ] as const) {
    for (const [name, rule] of Object.entries(rules)) {
      const [area = "", key = ""] = name.split(".");
      areas.set(area, [...(areas.get(area) ?? []), `${kind}[${JSON.stringify(key)}] := ${toRego(rule)}`]);
    }
  }
  const lines = Object.entries(roles).map(([name, role]) => `${name} := ${toRego(role)}`);
  return Object.fromEntries([
    ["access/roles.rego", ["package access.roles", ...lines, ""].join("\n\n")],
    ...[...areas].map(([area, rules]) => [
      `access/${area}.rego`,
      [`package access.${area}`, ...rules, ""].join("\n\n"),
    ]),
  ]);
}

import type { RequestReport } from "./report.ts";

/** The most ways that are printed as text. */
const MAX_PRINTED = 10;

/** Formats a report for people, in lines: the decision, what held and what did not, and what is lacking. */
export function formatRequestReport(
  { decision, grants, denials, ways }: RequestReport,
  request: string,
  notes: readonly string[],
  hints: readonly string[],
): readonly string[] {
  const verdict = decision.effect === "allow" ? "allowed" : "denied";
  const because =
    "public" in decision
      ? `by the public rule ${decision.public.join(", ")}, which opens it to everybody without a token`
      : decision.effect === "allow"
        ? `by ${decision.grants.join(", ")}`
        : `for ${decision.reasons.join(", ")}`;
  const roles = "roles" in decision ? [`  roles: ${decision.roles.join(", ") || "none"}`] : [];
  const printed = ways
    .slice(0, MAX_PRINTED)
    .flatMap(({ grant, lacks }, at) => [`  ${at + 1}. by ${grant}:`, ...lacks.map((lack) => `     - ${lack}`)]);
  const more = ways.length > MAX_PRINTED ? [`  and ${ways.length - MAX_PRINTED} more, which --format json lists`] : [];
  return [
    `${verdict}: ${request}, ${because}`,
    ...roles,
    ...notes.map((note) => `  note: ${note}`),
    ...Object.entries(grants).flatMap(([name, { outcome, location, roles: held, where, when }]) => [
      `grant ${name}: ${outcome} (${location})`,
      ...formatTruths(held, "role", "held", "not held"),
      ...formatTruths(where, "parameter", "equals its claim", "does not equal its claim"),
      ...formatTruths(when, "condition", "true", "not true"),
    ]),
    ...Object.entries(denials).flatMap(([name, { outcome, location, roles: held, unless }]) => [
      `denial ${name}: ${outcome} (${location})`,
      ...(Object.keys(held).length === 0 ? ["  for everybody"] : formatTruths(held, "role", "held", "not held")),
      ...formatTruths(unless, "condition", "true", "not true"),
    ]),
    ...hints,
    ...(printed.length === 0 ? [] : ["it would be allowed, the nearest first:", ...printed, ...more]),
  ];
}

function formatTruths(
  truths: Readonly<Record<string, boolean>>,
  what: string,
  yes: string,
  no: string,
): readonly string[] {
  return Object.entries(truths).map(([name, isTrue]) => `  ${what} ${name}: ${isTrue ? yes : no}`);
}

import { checkAccepted, readAccepted, withoutAccepted } from "../../build/policy/accepted.ts";
import { locateRule } from "../../build/policy/engine-queries.ts";
import { inFolder, type Problem } from "../../build/policy/problem.ts";
import type { CheckedPolicy } from "../../build/policy/read-policy.ts";
import { ok, type Result } from "../../contract/result.ts";
import { type Finding, findWithoutEffect } from "../access/findings.ts";
import type { AccessPolicy, TooManyTests } from "../access/model.ts";
import { type RulePlace, toRulePlaces } from "./access-policy.ts";

/**
 * Finds rules and roles without an effect of their own, as notices. Those that METADATA accepts with a reason are left out.
 *
 * @param policies - The company's folder, from which files are named.
 * @param access - The same policy, as it is compared.
 */
export function reportFindings(
  policies: string,
  policy: CheckedPolicy,
  access: AccessPolicy,
): Result<readonly Problem[], TooManyTests> {
  const found = findWithoutEffect(access);
  if (!found.ok) return found;
  const places = toRulePlaces(policy);
  const placeOf: PlaceOf = (kind, name) =>
    (kind === "role" ? locateRule(`roles.${name}`, policy.sources) : places.get(`${kind} ${name}`)) ?? NOWHERE;
  const notices = found.value.map((finding) => toNotice(finding, placeOf, policies));
  const accepted = readAccepted(policy.sources);
  const idle = checkAccepted(accepted, notices, (code) => Object.hasOwn(MESSAGES, code));
  return ok(inFolder(policies, [...withoutAccepted(notices, accepted), ...idle]));
}

type PlaceOf = (kind: "grant" | "denial" | "role", name: string) => RulePlace;

function toNotice({ code, name, others }: Finding, placeOf: PlaceOf, policies: string): Problem {
  const kind = code === "role.same" ? "role" : code.startsWith("grant") ? "grant" : "denial";
  const otherKind = code === "grant.shadowed" ? "denial" : kind;
  const named = others.flatMap((other) =>
    inFolder(policies, [placeOf(otherKind, other)]).map(({ file, line }) => `${other} (${file}:${line})`),
  );
  const where = kind === "role" ? `roles.${name}` : name;
  return { ...placeOf(kind, name), code, message: `${where}: ${MESSAGES[code](named.join(", "))}` };
}

const NOWHERE: RulePlace = { file: "policies", line: 1 };

const MESSAGES: Readonly<Record<Finding["code"], (others: string) => string>> = {
  "grant.redundant": (others) =>
    `everything that it grants is granted by ${others}; without it, the access is the same`,
  "grant.shadowed": (others) => `everything that it grants is forbidden by ${others} together, so it never applies`,
  "denial.redundant": (others) =>
    `everything that it forbids is forbidden by ${others}; without it, the access is the same`,
  "denial.idle": () => "no grant is about the requests that it forbids, so that today it changes nothing",
  "role.same": (others) =>
    `whoever holds it holds ${others}, and the other way round: they are one role under two names`,
};

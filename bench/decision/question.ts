import { type PolicySize, templateOf } from "../policies.ts";

/** A request of a principal, as every contender is asked it. */
export interface Question {
  readonly groups: readonly string[];
  /** The claims besides the groups. */
  readonly claims: Readonly<Record<string, string | number>>;
  readonly method: string;
  readonly path: string;
  /** The route that API Gateway found for the request. Contenders without paths in their policies decide by it. */
  readonly template: string;
  readonly customerId: string;
  readonly sourceIp: string;
  readonly nowS: number;
}

const NOW_S = 1_767_225_600;

/** The questions of one policy, by what is asked. */
export type Questions = Readonly<Record<"hit" | "many groups" | "role missing" | "no grant" | "denied", Question>>;

/** Creates the questions for a policy. All but the last of the fifty groups are unknown to the policy. */
export function toQuestions({ grants }: Pick<PolicySize, "grants">): Questions {
  const template = templateOf(Math.floor(grants / 2));
  const hit: Question = {
    groups: ["Customers"],
    claims: {
      "custom:customer_id": "42",
      auth_time: NOW_S - 60,
      "custom:tenant": "acme",
      "custom:acr": "mfa",
      "custom:plan": "full",
    },
    method: "GET",
    path: template.replace("{customer_id}", "42"),
    template,
    customerId: "42",
    sourceIp: "203.0.113.7",
    nowS: NOW_S,
  };
  return {
    hit,
    "many groups": { ...hit, groups: [...Array.from({ length: 49 }, (_, at) => `Team ${at}`), "Customers"] },
    "role missing": { ...hit, groups: ["Visitors"] },
    "no grant": { ...hit, method: "PUT" },
    denied: { ...hit, groups: ["Customers", "Suspended"] },
  };
}

/** Creates questions that each depend on one condition, or on the owner of the path, besides those that are timed. */
export function toFurtherQuestions({ hit }: Questions): readonly Question[] {
  return [
    { ...hit, customerId: "43", path: hit.path.replace("42", "43") },
    { ...hit, nowS: NOW_S + 7_200 },
    { ...hit, sourceIp: "198.51.100.7" },
    ...["custom:tenant", "custom:acr", "custom:plan"].map((name) => ({
      ...hit,
      claims: { ...hit.claims, [name]: "other" },
    })),
  ];
}

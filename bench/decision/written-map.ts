import { BlockList } from "node:net";
import { type PolicySize, templateOf } from "../policies.ts";
import { decidesHere, type HereDecider } from "./decider.ts";
import type { Question } from "./question.ts";

type Holds = (question: Question) => boolean;

const OFFICE = new BlockList();
OFFICE.addSubnet("203.0.113.0", 24);

/** The conditions of the policies, in their order, written by hand. */
export const CONDITIONS: readonly Holds[] = [
  ({ claims, nowS }) => {
    const ageS = nowS - Number(claims["auth_time"]);
    return ageS >= 0 && ageS <= 3_600;
  },
  ({ sourceIp }) => OFFICE.check(sourceIp),
  ({ claims }) => claims["custom:tenant"] === "acme",
  ({ claims }) => claims["custom:acr"] === "mfa",
  ({ claims }) => claims["custom:plan"] === "full",
];

/** Creates the floor: a `Map` from verb and route to what one grant asks, written for this one policy. */
export function createWrittenMap({ grants, conditions }: PolicySize): HereDecider {
  const when = CONDITIONS.slice(0, conditions);
  const rules = new Map(
    Array.from({ length: grants }, (_, at) => [`GET ${templateOf(at)}`, { group: "Customers", when }]),
  );
  return decidesHere((question) => () => {
    const { groups, path, method, template, claims, customerId } = question;
    if (groups.includes("Suspended") && path.startsWith("/customers/")) return "deny";
    const rule = rules.get(`${method} ${template}`);
    const isAllowed =
      rule !== undefined &&
      groups.includes(rule.group) &&
      claims["custom:customer_id"] === customerId &&
      rule.when.every((holds) => holds(question));
    return isAllowed ? "allow" : "deny";
  });
}

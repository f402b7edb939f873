import { requirePeer } from "../peers.ts";
import { type PolicySize, templateOf } from "../policies.ts";
import { decidesHere, type HereDecider } from "./decider.ts";
import type { Question } from "./question.ts";
import { CONDITIONS } from "./written-map.ts";

/** The part of casbin that is used. */
interface Casbin {
  readonly newModelFromString: (text: string) => object;
  readonly newEnforcer: (model: object) => Promise<Enforcer>;
}

interface Enforcer {
  readonly addFunction: (name: string, called: (...args: never[]) => unknown) => Promise<void>;
  readonly addPolicies: (rules: readonly (readonly string[])[]) => Promise<boolean>;
  readonly enforceSync: (...request: readonly unknown[]) => boolean;
}

/** Deny-override. What rules out most rules at least cost comes first. */
const MODEL = `
[request_definition]
r = sub, obj, act

[policy_definition]
p = sub, obj, act, own, when, eft

[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))

[matchers]
m = (p.act == "*" || r.act == p.act) && inGroup(r.sub, p.sub) && keyMatch2(r.obj, p.obj) && owns(r.sub, p.own) && holds(r.sub, p.when)
`;

/** Creates a casbin enforcer with `keyMatch2` and deny-override. */
export async function createCasbin({ grants, conditions }: PolicySize): Promise<HereDecider> {
  const casbin: Casbin = requirePeer("casbin");
  const enforcer = await casbin.newEnforcer(casbin.newModelFromString(MODEL));
  await enforcer.addFunction("inGroup", ({ groups }: Question, group: string) => groups.includes(group));
  await enforcer.addFunction(
    "owns",
    ({ claims, customerId }: Question, own: string) => own === "" || claims[own] === customerId,
  );
  await enforcer.addFunction("holds", (question: Question, count: string) =>
    CONDITIONS.slice(0, Number(count)).every((holds) => holds(question)),
  );
  await enforcer.addPolicies([
    ["Suspended", "/customers/:customer_id/*", "*", "", "0", "deny"],
    ...Array.from({ length: grants }, (_, at) => {
      const path = templateOf(at).replace("{customer_id}", ":customer_id");
      return ["Customers", path, "GET", "custom:customer_id", String(conditions), "allow"];
    }),
  ]);
  return decidesHere((question) => () => {
    return enforcer.enforceSync(question, question.path, question.method) ? "allow" : "deny";
  });
}

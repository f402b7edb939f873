import { requirePeer } from "../peers.ts";
import { type PolicySize, templateOf } from "../policies.ts";
import { decidesHere, type HereDecider } from "./decider.ts";
import type { Question } from "./question.ts";

/** The part of cedar-wasm that is used. */
interface Cedar {
  readonly preparsePolicySet: (id: string, policies: object) => { readonly type: "success" | "failure" };
  readonly statefulIsAuthorized: (call: object) => {
    readonly type: "success" | "failure";
    readonly response?: { readonly decision: "allow" | "deny" };
  };
}

const CONDITIONS = [
  "principal.auth_time <= context.now_s && context.now_s - principal.auth_time <= 3600",
  'context.source_ip.isInRange(ip("203.0.113.0/24"))',
  'principal["custom:tenant"] == "acme"',
  'principal["custom:acr"] == "mfa"',
  'principal["custom:plan"] == "full"',
];

/** Creates a Cedar policy set with actions as Verified Permissions makes them of an API: the verb and the route. It is parsed once. */
export function createCedar({ grants, conditions }: PolicySize): HereDecider {
  const cedar: Cedar = requirePeer("@cedar-policy/cedar-wasm/nodejs");
  const when = ['principal["custom:customer_id"] == context.customer_id', ...CONDITIONS.slice(0, conditions)].join(
    " && ",
  );
  const permits = Array.from(
    { length: grants },
    (_, at) =>
      `permit(principal in Group::"Customers", action == Action::"GET ${templateOf(at)}", resource) when { ${when} };`,
  );
  const forbid = `forbid(principal in Group::"Suspended", action, resource) when { context.path like "/customers/*" };`;
  const id = `${grants} ${conditions}`;
  const parsed = cedar.preparsePolicySet(id, { staticPolicies: [forbid, ...permits].join("\n") });
  if (parsed.type === "failure") throw new Error(`cedar: ${JSON.stringify(parsed).slice(0, 300)}`);
  return decidesHere((question) => {
    const call = toCall(id, question);
    return () => {
      const { response } = cedar.statefulIsAuthorized(call);
      if (response === undefined) throw new Error("cedar gives no response");
      return response.decision;
    };
  });
}

function toCall(preparsedPolicySetId: string, question: Question): object {
  const principal = { type: "User", id: "7d8c" };
  const { groups, claims, method, template, path, customerId, nowS, sourceIp } = question;
  return {
    principal,
    action: { type: "Action", id: `${method} ${template}` },
    resource: { type: "Application", id: "orders" },
    context: { path, customer_id: customerId, now_s: nowS, source_ip: { __extn: { fn: "ip", arg: sourceIp } } },
    preparsedPolicySetId,
    entities: [{ uid: principal, attrs: claims, parents: groups.map((id) => ({ type: "Group", id })) }],
  };
}

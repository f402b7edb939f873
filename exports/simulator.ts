// API Gateway as a library, for tests: `import { createSimulator } from "rego-authorizer/simulator"`.

export type { WireRequest } from "../simulator/arrival.ts";
export type { Invocation } from "../simulator/invocation.ts";
export { judgePolicy, type PolicyVerdict } from "../simulator/judge-policy.ts";
export type { SimulatedApi, SimulatedAuthorizer, SimulatedRoute } from "../simulator/simulated-api.ts";
export { createSimulator, type Outcome, type Simulator } from "../simulator/simulator.ts";

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEvaluator, type Evaluate } from "../../../../authorizer/policy/evaluator.ts";
import { builtIn, createWorkspace, type Workspace } from "../../../../dev/workspace.ts";
import { TEST_POLICIES } from "../../../support/policies.ts";

let workspace: Workspace;
let module: WebAssembly.Module;
let data: ArrayBuffer;
beforeAll(async () => {
  workspace = await createWorkspace(TEST_POLICIES);
  await builtIn(workspace.root);
  const folder = join(workspace.root, "dist", "authorizer");
  module = new WebAssembly.Module(readFileSync(join(folder, "policy.wasm")));
  data = Uint8Array.from(readFileSync(join(folder, "data.json"))).buffer;
});
afterAll(() => workspace[Symbol.asyncDispose]());

const INPUT = {
  principal: { claims: { "cognito:groups": ["Customers"] } },
  request: { method: "GET", path: "/customers/42/orders" },
};

function effectOf(evaluate: Evaluate, input: object = INPUT): unknown {
  const answer = evaluate("engine/decision", input);
  return answer.ok ? (answer.value as { result: { effect: string } }[])[0]?.result.effect : answer.error;
}

describe("the evaluator", () => {
  it("returns a decision", () => {
    expect(effectOf(createEvaluator(module, data))).toBe("allow");
  });

  it("continues after an input that makes the engine abort", () => {
    const evaluate = createEvaluator(module, data);
    const broken = { ...INPUT, principal: { claims: { "cognito:groups": ["\ud800"] } } };
    expect([effectOf(evaluate, broken), effectOf(evaluate)]).toEqual(["engine.aborted", "allow"]);
  });

  it("continues after an input that exceeds the memory", () => {
    const evaluate = createEvaluator(module, data);
    const endless = { ...INPUT, principal: { claims: { "cognito:groups": ["x".repeat(100_000_000)] } } };
    expect([effectOf(evaluate, endless), effectOf(evaluate)]).toEqual(["engine.aborted", "allow"]);
  });

  it.each<[string, readonly string[]]>([
    ["is larger than its memory, so that the memory grows before", ["x".repeat(1_000_000), "Customers"]],
    [
      "takes more memory to evaluate than to write, so that the memory grows meanwhile",
      [...Array.from({ length: 20_000 }, (_, at) => String(at)), "Customers"],
    ],
  ])("decides on an input that %s", (_, groups) => {
    const evaluate = createEvaluator(module, data);
    const large = { ...INPUT, principal: { claims: { "cognito:groups": groups } } };
    const refused = { ...INPUT, principal: { claims: { "cognito:groups": groups.slice(0, -1) } } };
    expect([large, refused, INPUT].map((input) => effectOf(evaluate, input))).toEqual(["allow", "deny", "allow"]);
  });

  it("has no result for an unknown entry point", () => {
    expect(createEvaluator(module, data)("engine/problems", {})).toEqual({ ok: false, error: "engine.aborted" });
  });

  it("decides nothing without its index", () => {
    const evaluate = createEvaluator(module, Uint8Array.from(Buffer.from("{}")).buffer);
    expect(evaluate("engine/decision", INPUT)).toEqual({ ok: true, value: [] });
  });

  it("is not created from invalid JSON", () => {
    expect(() => createEvaluator(module, Uint8Array.from(Buffer.from("{")).buffer)).toThrow();
  });
});

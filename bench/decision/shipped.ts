import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createEvaluator } from "../../authorizer/policy/evaluator.ts";
import { type Answer, type Decider, decidesHere } from "./decider.ts";
import type { ToInput } from "./input.ts";

/** What an evaluation gives, as far as it is read here. */
type Results = readonly [{ readonly result: { readonly effect: Answer } }];

/** Loads the module and the data that ship, with the evaluator that ships. */
export async function createShipped(dist: string, toInput: ToInput): Promise<Decider> {
  const read = (file: string) => readFile(join(dist, "authorizer", file));
  const module = new WebAssembly.Module(await read("policy.wasm"));
  const evaluate = createEvaluator(module, Uint8Array.from(await read("data.json")).buffer);
  return decidesHere((question) => {
    const input = toInput(question);
    return () => {
      const evaluated = evaluate("engine/decision", input);
      if (!evaluated.ok) throw new Error(evaluated.error);
      return (evaluated.value as Results)[0].result.effect;
    };
  });
}

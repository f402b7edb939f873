import * as opaWasm from "@open-policy-agent/opa-wasm";
import { err, ok, type Result } from "../../contract/result.ts";

// As an ES module the package exports this function by its default only; its types say otherwise.
const { loadPolicySync } = (opaWasm as unknown as { default: typeof opaWasm }).default;

/** Evaluates an entry point on an input. What comes back is the evaluator's result set, unread. */
export type Evaluate = (entrypoint: string, input: object) => Result<unknown, "engine.aborted">;

/** In pages of 64 KiB. Ten thousand grants and the largest event that API Gateway sends need a third of it. */
const MEMORY = { initial: 5, maximum: 1024 };

/**
 * The one place where `opa-wasm` is named. Holds one instance; evaluates synchronously.
 *
 * A trap, an abort (thrown as a bare string) or a lack of memory leaves an instance in an unknown state: it is thrown
 * away, and the next call gets a new one. Data is only ever set on an instance that does not serve yet.
 *
 * @param data - The JSON text of the data document.
 * @throws If the module is none of OPA's, or the data is no JSON.
 */
export function createEvaluator(module: WebAssembly.Module, data: ArrayBuffer): Evaluate {
  function create(): opaWasm.LoadedPolicy {
    const policy = loadPolicySync(module, { ...MEMORY });
    policy.setData(data);
    return policy;
  }
  let instance: opaWasm.LoadedPolicy | undefined = create();

  return function evaluate(entrypoint, input) {
    try {
      instance ??= create();
      return ok(instance.evaluate(input, entrypoint));
    } catch {
      instance = undefined;
      return err("engine.aborted");
    }
  };
}

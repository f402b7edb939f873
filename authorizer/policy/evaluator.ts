import * as opaWasm from "@open-policy-agent/opa-wasm";
import { err, ok, type Result } from "../../contract/result.ts";

// The package exports this function only as a property of its default export, but its types declare a named export.
const { loadPolicySync } = (opaWasm as unknown as { default: typeof opaWasm }).default;

/** Evaluates an entry point on an input. The value is the evaluator's result set, not parsed yet. */
export type Evaluate = (entrypoint: string, input: object) => Result<unknown, "engine.aborted">;

/** The minor versions of OPA's WebAssembly ABI that have been tried; OPA 1.22 has 3. */
const ABI_MINOR_VERSIONS: readonly unknown[] = [2, 3];

/** Memory in pages of 64 KiB. Ten thousand grants and the largest event that API Gateway sends need a third of it. */
const MEMORY = { initial: 5, maximum: 1024 };

/**
 * Creates the evaluator, which holds one instance of the module and evaluates synchronously. No other file names `opa-wasm`.
 *
 * A trap, an abort (thrown as a bare string) or a lack of memory leaves an instance in an unknown state. The evaluator
 * discards it, and the next call creates a new one. Data is set only on an instance that has not evaluated anything yet.
 *
 * @param data - The JSON text of the data document.
 * @throws If OPA did not make the module, or the data is not JSON.
 */
export function createEvaluator(module: WebAssembly.Module, data: ArrayBuffer): Evaluate {
  function create(): opaWasm.LoadedPolicy {
    const policy = loadPolicySync(module, { ...MEMORY });
    policy.setData(data);
    return policy;
  }
  let instance: opaWasm.LoadedPolicy | undefined = create();
  // The library checks only the major version.
  if (!ABI_MINOR_VERSIONS.includes(instance.minorVersion)) throw new Error("another version of the ABI");

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

/** Evaluates an entry point on an input and a data document. The value is the evaluator's result set, not parsed yet. */
export type EvaluateWithData = (entrypoint: string, input: object, data: object) => Result<unknown, "engine.aborted">;

/**
 * Creates an evaluator that is given the data anew for each evaluation, for tools that try many variants of a policy. The Lambda
 * has one policy and does not use it.
 *
 * @throws If OPA did not make the module.
 */
export function createDataEvaluator(module: WebAssembly.Module): EvaluateWithData {
  let instance: opaWasm.LoadedPolicy | undefined = loadPolicySync(module, { ...MEMORY });
  return function evaluate(entrypoint, input, data) {
    try {
      instance ??= loadPolicySync(module, { ...MEMORY });
      instance.setData(data);
      return ok(instance.evaluate(input, entrypoint));
    } catch {
      instance = undefined;
      return err("engine.aborted");
    }
  };
}

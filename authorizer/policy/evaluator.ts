import * as opaWasm from "@open-policy-agent/opa-wasm";
import { own } from "../../contract/json.ts";
import { MAX_MODULE_BYTES } from "../../contract/limits.ts";
import { err, ok, type Result } from "../../contract/result.ts";

// The package exports this function only as a property of its default export, but its types declare a named export.
const { loadPolicySync } = (opaWasm as unknown as { default: typeof opaWasm }).default;

/** Evaluates an entry point on an input. The value is the evaluator's result set, not checked yet. */
export type Evaluate = (entrypoint: string, input: object) => Result<unknown, "engine.aborted">;

/** Evaluates an entry point on the JSON text of an input. The value is the text of the result set. */
export type EvaluateText = (entrypoint: string, input: string) => Result<string, "engine.aborted">;

/** The minor versions of OPA's WebAssembly ABI that have been tried; OPA 1.22 has 3. */
const ABI_MINOR_VERSIONS: readonly unknown[] = [2, 3];

/** The size of a page of memory, in bytes. */
export const PAGE_BYTES = 65_536;

/** Memory in pages. */
const MEMORY = { initial: 5, maximum: MAX_MODULE_BYTES / PAGE_BYTES };

/** The parts of a loaded policy that one evaluation needs. Some have no types in the library. */
interface Loaded extends Pick<opaWasm.LoadedPolicy, "minorVersion" | "setData"> {
  readonly mem: WebAssembly.Memory;
  readonly wasmInstance: { readonly exports: { readonly opa_eval: (...args: readonly number[]) => number } };
  readonly entrypoints: Readonly<Record<string, number>>;
  /** The address of the data document. */
  readonly dataAddr: number;
  /** The first address behind it. */
  readonly dataHeapPtr: number;
}

/**
 * Creates the function that evaluates an entry point on an instance: the same call as the library's `evaluate`, without its copies
 * of the input and its search of the result byte by byte, which together take a quarter of an evaluation.
 *
 * @see OPA documentation, "Wasm", section "ABI Version 1.2": `opa_eval`
 */
function createRun({ mem, wasmInstance, entrypoints, dataAddr, dataHeapPtr }: Loaded) {
  const { opa_eval: evaluate } = wasmInstance.exports;
  let bytes = Buffer.from(mem.buffer);
  return function run(entrypoint: string, input: string): string {
    const id = own(entrypoints, entrypoint);
    if (id === undefined) throw new Error("no such entry point");
    // No character takes more than three bytes in UTF-8.
    const missing = dataHeapPtr + 3 * input.length - mem.buffer.byteLength;
    if (missing > 0) mem.grow(Math.ceil(missing / PAGE_BYTES));
    if (bytes.buffer !== mem.buffer) bytes = Buffer.from(mem.buffer);
    const length = bytes.write(input, dataHeapPtr);
    // An address is an unsigned number. One without a zero byte behind it gives an empty text, which does not parse.
    const address = evaluate(0, id, dataAddr, dataHeapPtr, length, dataHeapPtr + length, 0) >>> 0;
    if (bytes.buffer !== mem.buffer) bytes = Buffer.from(mem.buffer);
    return bytes.toString("utf8", address, bytes.indexOf(0, address));
  };
}

/**
 * Creates the evaluator, which holds one instance of the module and evaluates synchronously. No other file names `opa-wasm`.
 *
 * A trap, an abort (thrown as a bare string) or a lack of memory leaves an instance in an unknown state. The evaluator
 * discards it, and the next call creates a new one. Data is set only on an instance that has not evaluated anything yet.
 *
 * @param data - The JSON text of the data document.
 * @param morePages - Memory that is there from the start; default: 0. OPA would add it page by page, while V8 collects garbage each time.
 * @throws If OPA did not make the module, or the data is not JSON.
 */
export function createEvaluator(module: WebAssembly.Module, data: ArrayBuffer, morePages = 0): Evaluate {
  const evaluate = createEvaluatorOf(module, data, (text): unknown => JSON.parse(text), morePages);
  return (entrypoint, input) => evaluate(entrypoint, JSON.stringify(input));
}

/**
 * Creates an evaluator of texts, for tools that decide many inputs and need little of each result. The text is not parsed.
 *
 * @throws As {@link createEvaluator} does.
 */
export function createTextEvaluator(module: WebAssembly.Module, data: ArrayBuffer): EvaluateText {
  return createEvaluatorOf(module, data, (text) => text, 0);
}

function createEvaluatorOf<Value>(
  module: WebAssembly.Module,
  data: ArrayBuffer,
  toValue: (text: string) => Value,
  morePages: number,
) {
  function create(): ReturnType<typeof createRun> {
    const policy = loadPolicySync(module, { ...MEMORY, initial: MEMORY.initial + morePages }) as unknown as Loaded;
    // The library checks only the major version.
    if (!ABI_MINOR_VERSIONS.includes(policy.minorVersion)) throw new Error("another version of the ABI");
    policy.setData(data);
    return createRun(policy);
  }
  let run: ReturnType<typeof createRun> | undefined = create();

  return function evaluate(entrypoint: string, input: string): Result<Value, "engine.aborted"> {
    try {
      run ??= create();
      return ok(toValue(run(entrypoint, input)));
    } catch {
      run = undefined;
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

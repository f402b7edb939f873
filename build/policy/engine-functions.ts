/** A function of the engine that conditions and their helpers may call. */
interface EngineFunction {
  readonly arity: number;
  /** True if its result is true or undefined, so that a call may be a statement. */
  readonly isTest: boolean;
}

/** The packages of the engine that conditions may import. */
export const IMPORTABLE_PACKAGES: readonly string[] = ["data.engine.caller", "data.engine.values"];

/** The functions of {@link IMPORTABLE_PACKAGES}, by full name. None is defined for a value that is missing or mistyped. */
export const ENGINE_FUNCTIONS: ReadonlyMap<string, EngineFunction> = new Map([
  ["data.engine.caller.has_role", { arity: 1, isTest: true }],
  ["data.engine.caller.values", { arity: 1, isTest: false }],
  ["data.engine.values.address", { arity: 1, isTest: false }],
  ["data.engine.values.all_in", { arity: 2, isTest: true }],
  ["data.engine.values.has_text", { arity: 1, isTest: true }],
  ["data.engine.values.number", { arity: 1, isTest: false }],
  ["data.engine.values.text", { arity: 1, isTest: false }],
  ["data.engine.values.within", { arity: 3, isTest: true }],
]);

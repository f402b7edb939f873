import { createTextEvaluator } from "../authorizer/policy/evaluator.ts";
import { type Decision, parseDecision } from "../contract/decision.ts";
import { parseJson } from "../contract/json.ts";
import { ok, type Result } from "../contract/result.ts";

/** A decision without the values of path parameters, which differ from request to request and change no count. */
export type CountedDecision =
  | Omit<Extract<Decision, { readonly effect: "allow" }>, "params">
  | Extract<Decision, { readonly effect: "deny" }>;

/** Why the engine gives no decision. */
type EngineFault = "engine.aborted" | "engine.undefined" | "engine.malformed";

/** Decides an input. */
export type Decide = (input: object) => Result<CountedDecision, EngineFault>;

/**
 * Creates the function that decides inputs with a module, and parses no more of each decision than counts need.
 *
 * @param data - The JSON text of the data document.
 * @throws If OPA did not make the module, or the data is not JSON.
 */
export function createDecide(module: WebAssembly.Module, data: ArrayBuffer): Decide {
  const evaluate = createTextEvaluator(module, data);
  const readDecision = createReadDecision();
  return function decide(input) {
    const evaluated = evaluate("engine/decision", JSON.stringify(input));
    return evaluated.ok ? readDecision(evaluated.value) : evaluated;
  };
}

/** The most texts that are remembered. */
const MAX_KNOWN = 10_000;

/** Begins the values of path parameters. Within a value, quotes are escaped, so that it is a key wherever it stands. */
const PARAMS = ',"params":{';

/** Matches the JSON of a text without escapes, which most texts are. */
const TEXT = String.raw`"[^"\\\p{Cc}]*"`;

/** Matches the values of the parameters of a grant. */
const VALUES = String.raw`\{(?:${TEXT}:${TEXT}(?:,${TEXT}:${TEXT})*)?\}`;

/** Matches the values of path parameters behind their key, up to the end of a result set. */
const PARAMS_TO_END = new RegExp(String.raw`^(?:${TEXT}:${VALUES}(?:,${TEXT}:${VALUES})*)?\}\}\}\]$`, "u");

/** Reads a decision from the text of a result set. */
type ReadDecision = (text: string) => Result<CountedDecision, EngineFault>;

/**
 * Creates the function that reads decisions, and remembers them by their texts: parsing and checking one takes a tenth of a
 * replayed decision, and most differ in the values of path parameters alone.
 */
export function createReadDecision(): ReadDecision {
  const known = new Map<string, ReturnType<ReadDecision>>();
  return function readDecision(text) {
    const at = text.indexOf(PARAMS);
    const end = at < 0 ? text.length : at + PARAMS.length;
    const key = text.slice(0, end);
    const isLike = at < 0 || PARAMS_TO_END.test(text.slice(end));
    const before = isLike ? known.get(key) : undefined;
    if (before !== undefined) return before;
    const decision = parseDecision(parseJson(text));
    if (!decision.ok) return decision;
    const read = ok(withoutParams(decision.value));
    if (known.size >= MAX_KNOWN) known.clear();
    if (isLike) known.set(key, read);
    return read;
  };
}

function withoutParams(decision: Decision): CountedDecision {
  if (decision.effect === "deny") return decision;
  const { params: _, ...counted } = decision;
  return counted;
}

import { createEvaluator, PAGE_BYTES } from "../../authorizer/policy/evaluator.ts";
import { parseDecision } from "../../contract/decision.ts";
import { parseTemplate } from "../../contract/path-template.ts";
import type { IndexedGrant, NoOtherKeys, PolicyIndex } from "../../contract/policy-index.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import { BYTES_OF_RULE } from "../policy/size.ts";
import { ENTRYPOINTS } from "./compile.ts";

/**
 * Evaluates each entry point and each grant once. `opa build` can succeed with a module that is not valid, and a module
 * without its index would deny everything.
 *
 * @param data - The JSON text of the data document.
 * @returns The first failure, if there is one.
 */
export function smokeTest(
  wasm: Uint8Array<ArrayBuffer>,
  data: string,
  { grants, denials }: PolicyIndex,
): Result<void, string> {
  try {
    const rules = Object.keys(grants).length + Object.keys(denials).length;
    const document = Uint8Array.from(Buffer.from(data)).buffer;
    const evaluate = createEvaluator(
      new WebAssembly.Module(wasm),
      document,
      Math.ceil((rules * BYTES_OF_RULE) / PAGE_BYTES),
    );
    for (const entrypoint of ENTRYPOINTS) {
      const evaluated = evaluate(entrypoint, {});
      if (!evaluated.ok || !Array.isArray(evaluated.value) || evaluated.value.length !== 1)
        return err(`${entrypoint} gives no result`);
    }
    for (const [name, grant] of Object.entries(grants)) {
      const request = toRequest(grant);
      const evaluated = evaluate("engine/decision", { request });
      const decision = evaluated.ok ? parseDecision(evaluated.value) : evaluated;
      if (!decision.ok) return err(`engine/decision gives ${decision.error} for ${request.path}`);
      const { value } = decision;
      if (value.effect === "allow" || value.reasons.includes("grant.none"))
        return err(`the module does not find the grant ${name} by its own path`);
    }
    return ok(undefined);
  } catch (error) {
    return err(String(error));
  }
}

/** Makes a request that matches a grant's API, verbs and path. It has no principal, so the other keys don't matter. */
function toRequest(grant: IndexedGrant) {
  const {
    api: apis,
    verbs,
    path,
    params: _params,
    tail: _tail,
    roles: _roles,
    where: _where,
    when: _when,
    ...others
  } = grant;
  others satisfies NoOtherKeys;
  const segments = parseTemplate(path).map((segment) => (segment.kind === "literal" ? segment.text : "x"));
  const [api] = apis;
  const method = verbs[0] === "ANY" ? "GET" : verbs[0];
  return { ...(api !== undefined && { api }), method, path: `/${segments.join("/")}` };
}

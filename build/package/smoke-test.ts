import { createEvaluator } from "../../authorizer/policy/evaluator.ts";
import { parseDecision } from "../../contract/decision.ts";
import { parseTemplate } from "../../contract/path-template.ts";
import type { IndexedGrant, NoOtherKeys, PolicyIndex } from "../../contract/policy-index.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import { ENTRYPOINTS } from "./compile.ts";

/**
 * Asks a module before it counts: `opa build` can succeed with one that does not validate, and an index that got lost
 * on the way would deny everything.
 *
 * @param data - The JSON text of the data document.
 * @returns Nothing, or what the module failed at.
 */
export function smokeTest(wasm: Uint8Array<ArrayBuffer>, data: string, { grants }: PolicyIndex): Result<void, string> {
  try {
    const evaluate = createEvaluator(new WebAssembly.Module(wasm), Uint8Array.from(Buffer.from(data)).buffer);
    for (const entrypoint of ENTRYPOINTS) {
      const answer = evaluate(entrypoint, {});
      if (!answer.ok || !Array.isArray(answer.value) || answer.value.length !== 1)
        return err(`${entrypoint} gives no answer`);
    }
    for (const [name, grant] of Object.entries(grants)) {
      const request = toRequest(grant);
      const answer = evaluate("engine/decision", { request });
      const decision = answer.ok ? parseDecision(answer.value) : answer;
      if (!decision.ok) return err(`engine/decision gives ${decision.error} for ${request.path}`);
      const { value } = decision;
      if (value.effect === "allow" || value.reasons.includes("grant.none"))
        return err(`the grant ${name} is not found by its own path`);
    }
    return ok(undefined);
  } catch (error) {
    return err(String(error));
  }
}

/** Makes a request that a grant's verbs and path take in. Nobody sends it, so that nothing else of the grant counts. */
function toRequest(grant: IndexedGrant): { readonly method: string | undefined; readonly path: string } {
  const { verbs, path, params: _params, tail: _tail, roles: _roles, where: _where, when: _when, ...others } = grant;
  others satisfies NoOtherKeys;
  const segments = parseTemplate(path).map((segment) => (segment.kind === "literal" ? segment.text : "x"));
  return { method: verbs[0] === "ANY" ? "GET" : verbs[0], path: `/${segments.join("/")}` };
}

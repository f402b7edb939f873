import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createDataEvaluator, type EvaluateWithData } from "../../../authorizer/policy/evaluator.ts";
import { compile, listShipped } from "../../../build/package/compile.ts";
import { listRego } from "../../../build/rego/files.ts";
import { createEngineWorkspace } from "../../../dev/workspace.ts";
import { opaIn } from "../opa.ts";

/**
 * Two modules that OPA compiles once for all generated policies. `maker` computes an index, as the build does, from a policy in
 * its input; `engine` is the shipped engine, of which the conditions are inputs, so that a test sets their truth.
 */
export interface OracleModules {
  readonly maker: EvaluateWithData;
  readonly engine: EvaluateWithData;
  /** Asks the questions of `oracle/effects` in OPA's interpreter, for several policies. */
  readonly interpret: (cases: readonly InterpretedCase[]) => Promise<readonly (readonly string[])[]>;
}

interface InterpretedCase {
  readonly asked: readonly object[];
  readonly data: { readonly engine: { readonly index: { readonly compiled: unknown } }; readonly formulas: object };
}

/** A policy arrives as JSON, so its lists become the sets that the security team writes. */
const MAKER = `package access

import data.sets

roles := sets.roles

one := sets.areas.one

two := sets.areas.two
`;

const SETS = `package sets

roles[name] := {key: _value(value) | some key, value in role} if some name, role in input.roles

areas[name] := {kind: {key: {field: _value(value) | some field, value in rule} | some key, rule in rules} | some kind, rules in area} if {
	some name, area in input.areas
}

_value(value) := {item | some item in value} if is_array(value)

_value(value) := {key: _inner(item) | some key, item in value} if is_object(value)

_value(value) := value if is_string(value)

_inner(value) := {item | some item in value} if is_array(value)

_inner(value) := value if is_string(value)
`;

const PUBLIC = `package oracle

import data.engine.index
import data.engine.testing

compiled := index.compiled

is_public := [found | some asked in input.asked; found := testing.is_public(asked)]
`;

/** A condition is true if the input says so, or if the principal's roles satisfy the formula that the data has for it. */
const CONDITIONS = `package access

import data.engine.caller

conditions[name] := true if some name in input.holds

conditions[name] := true if {
	some name, formula in data.formulas
	some item in formula
	every role in item.has { caller.has_role(role) }
	every role in item.lacks { not caller.has_role(role) }
}
`;

const QUESTIONS = `package oracle

import data.engine
import data.engine.candidates
import data.engine.index
import data.engine.principal

# The names of the grants and denials that match each request.
matches := [found |
	some request in input.requests
	places := candidates.places(index.compiled) with input as {"request": request}
	grants := {grant[0] | some place in places; some grant in place[0]}
	denials := {denial[0] | some place in places; some denial in place[1]}
	found := [sort(grants), sort(denials)]
]

roles := [sort(held) | some asked in input.principals; held := principal.roles with input as {"principal": asked}]

# For each question, one letter for each set of conditions that hold.
effects := [concat("", [letter | some holds in asked.holds; letter := _letter(asked, holds)]) | some asked in input.asked]

_letter(asked, holds) := letter if {
	decision := engine.decision with input as {"principal": asked.principal, "request": asked.request, "now_s": 0, "holds": holds}
	letter := _letter_of(decision.effect, object.get(decision, "reasons", []))
}

_letter_of("allow", _) := "a"

_letter_of("deny", reasons) := "d" if "denial" in reasons

_letter_of("deny", reasons) := "n" if not "denial" in reasons
`;

/** Compiles the modules. */
export async function createOracleModules(): Promise<OracleModules & AsyncDisposable> {
  const workspace = await createEngineWorkspace({
    "maker/access.rego": MAKER,
    "maker/public.rego": PUBLIC,
    "maker/sets.rego": SETS,
    "asked/conditions.rego": CONDITIONS,
    "asked/questions.rego": QUESTIONS,
  });
  const opa = await opaIn(workspace.root);
  const files = await listRego(workspace.root, "policies");
  const engine = files.filter(({ part }) => part === "engine").map(({ file }) => file);
  const shipped = [...listShipped(files), "policies/asked/conditions.rego", "policies/asked/questions.rego"];
  const made = engine.filter((file) => /\/(index|policy|templates|testing)\.rego$/.test(file));
  const build = async (name: string, sources: readonly string[], entrypoints: readonly string[]) => {
    const wasm = await compile(opa, join(workspace.root, `${name}.tar.gz`), sources, entrypoints);
    if (!wasm.ok) throw new Error(wasm.error);
    return createDataEvaluator(new WebAssembly.Module(wasm.value));
  };
  return {
    maker: await build(
      "maker",
      [...made, "policies/maker/access.rego", "policies/maker/public.rego", "policies/maker/sets.rego"],
      ["oracle/compiled", "oracle/is_public"],
    ),
    engine: await build("asked", shipped, ["oracle/matches", "oracle/roles", "oracle/effects"]),
    interpret: async (cases) => {
      await writeFile(join(workspace.root, "cases.json"), JSON.stringify({ cases }));
      // A reference into the input would be evaluated with the new input, so everything is bound to a variable first.
      const query = `[answer |
        some case in input.cases
        asked := {"asked": case.asked}
        index := case.data.engine.index.compiled
        formulas := case.data.formulas
        answer := data.oracle.effects with input as asked with data.engine.index.compiled as index with data.formulas as formulas
      ]`;
      const sources = shipped.flatMap((file) => ["--data", file]);
      const evaluated = await opa("eval", "--format", "raw", ...sources, "--input", "cases.json", query);
      if (!evaluated.succeeded) throw new Error(evaluated.stderr);
      return JSON.parse(evaluated.stdout);
    },
    [Symbol.asyncDispose]: () => workspace[Symbol.asyncDispose](),
  };
}

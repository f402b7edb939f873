import { isIP } from "node:net";
import type { ParsedFile } from "../rego/files.ts";
import { type Expr, type Term, termsIn } from "../rego/syntax-tree.ts";
import { nameOfDatum } from "./base-data.ts";
import type { DataFiles } from "./data-files.ts";
import type { Problem } from "./problem.ts";
import { fullName, isCall } from "./scope.ts";
import type { Known } from "./shapes.ts";
import { type Context, createContext, definitionsOf, shapeOf } from "./term-shapes.ts";
import { readImports, type Vocabulary } from "./vocabulary.ts";

/** Tells whether a text is an address block that OPA and WebAssembly read alike. */
function isBlock(text: string): boolean {
  const [address = "", bits = "", ...rest] = text.split("/");
  const most = isIP(address) === 4 ? 32 : 128;
  // OPA takes an IPv4-mapped IPv6 address for IPv4; WebAssembly does not.
  if (address.toLowerCase().startsWith("::ffff:")) return false;
  return isIP(address) !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= most && rest.length === 0;
}

/** Finds values that are used as address blocks and aren't: base data, and literals that a variable or helper passes on. */
export function checkBlocks(
  readers: readonly ParsedFile[],
  vocabulary: Vocabulary,
  { base, locate }: DataFiles,
): readonly Problem[] {
  const problems = new Map<string, Problem>();
  for (const source of readers) {
    const imports = readImports(source);
    for (const rule of source.module.rules ?? []) {
      const definition = { rule, package: `data.${source.package}`, imports };
      const facts = { base, parameters: undefined };
      const context = createContext(definition, { scope: { vocabulary }, facts, depth: 0 });
      for (const { value, path, call } of blocksIn([rule.body, rule.head.value], context)) {
        if (typeof value === "string" && isBlock(value)) continue;
        const text = JSON.stringify(value);
        const problem: Problem =
          path === undefined
            ? {
                code: "unsatisfiable.address_block",
                file: source.file,
                line: call.location?.row ?? rule.location.row,
                message: `the first operand is ${text}, which is not an address block, so this never holds; ${REMEDY}`,
              }
            : {
                code: "data.address_block",
                ...locate(path),
                message: `${nameOfDatum(path)} is ${text}, which is not an address block, so no address is in it; ${REMEDY}`,
              };
        problems.set(`${problem.file}:${problem.line}:${problem.message}`, problem);
      }
    }
  }
  return [...problems.values()];
}

const REMEDY = "write one like 203.0.113.0/24 or 2001:db8::/32";

interface Used extends Known {
  readonly call: Term;
}

/** Lists the values that `net.cidr_contains` gets as its block, also in helpers that are called. */
function blocksIn(node: unknown, context: Context): readonly Used[] {
  return callsIn(node).flatMap(([operator, ...operands]): readonly Used[] => {
    const name = fullName(operator, context.scope);
    const [block] = operands;
    const call = operator;
    if (call === undefined || block === undefined) return [];
    if (name === "net.cidr_contains") {
      return (shapeOf(block, context).values ?? []).map((known) => ({ ...known, call }));
    }
    const shapes = operands.map((operand) => shapeOf(operand, context));
    return definitionsOf(name, context).flatMap(({ rule, ...definition }) => {
      const used = blocksIn([rule.body, rule.head.value], createContext({ ...definition, rule }, context, shapes));
      return used.map((one) => ({ ...one, call }));
    });
  });
}

/** Lists the calls below a node, as statements and as terms. */
function callsIn(node: unknown): readonly (readonly Term[])[] {
  const ofTerms = termsIn(node).flatMap((term) => (term.type === "call" ? [term.value] : []));
  return [...ofTerms, ...statementsIn(node).flatMap(({ terms }) => (isCall(terms) ? [terms] : []))];
}

function statementsIn(node: unknown): readonly Expr[] {
  if (typeof node !== "object" || node === null) return [];
  const inside = Object.values(node).flatMap(statementsIn);
  return "terms" in node ? [node as Expr, ...inside] : inside;
}

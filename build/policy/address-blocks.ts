import { isIP } from "node:net";
import type { ParsedFile } from "../rego/files.ts";
import { callsIn, type Term } from "../rego/syntax-tree.ts";
import { nameOfDatum } from "./base-data.ts";
import type { DataFiles } from "./data-files.ts";
import { failuresOfStatement } from "./never-true.ts";
import type { Problem, ProblemText } from "./problem.ts";
import { fullName } from "./scope.ts";
import type { Known, Shape } from "./shapes.ts";
import { type Context, createContext, definitionsOf, shapeOf } from "./term-shapes.ts";
import { readImports, type Vocabulary } from "./vocabulary.ts";

/** Tells whether a text is an address that OPA and WebAssembly read alike. */
function isAddress(text: string): boolean {
  if (isIP(text) === 4) return true;
  // OPA takes an IPv4-mapped IPv6 address for IPv4, however it is written; WebAssembly does not. A zone is of one machine only.
  return isIP(text) === 6 && !text.includes("%") && !/^\[::ffff:/.test(new URL(`http://[${text}]/`).hostname);
}

/** Tells whether a text is an address block that OPA and WebAssembly read alike. */
function isBlock(text: string): boolean {
  const [address = "", bits = "", ...rest] = text.split("/");
  const most = isIP(address) === 4 ? 32 : 128;
  return isAddress(address) && /^\d{1,3}$/.test(bits) && Number(bits) <= most && rest.length === 0;
}

/**
 * Finds values that are used as address blocks or addresses and aren't: base data, literals that a variable or helper passes on,
 * and texts that a caller sends.
 */
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
      const tests = testsIn([rule.body, rule.head.value], context);
      const isNeverTrue = rule.body.some((expr) => failuresOfStatement(expr, context).length > 0);
      for (const one of tests) {
        // What a function is called with is known where it is called. A rule that is never true has a problem of its own.
        const unsure = rule.head.args === undefined && !isNeverTrue ? findUnsure(one) : undefined;
        const line = one.call.location?.row ?? rule.location.row;
        if (unsure !== undefined)
          problems.set(`${source.file}:${line}:${unsure.code}`, { ...unsure, file: source.file, line });
      }
      for (const { value, path, call } of tests.flatMap(toBlocks)) {
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

/** A call of `net.cidr_contains`, and the call of a rule through which it gets its operands. */
interface AddressTest {
  readonly block: Shape;
  readonly address: Shape;
  readonly call: Term;
}

interface Used extends Known {
  readonly call: Term;
}

function toBlocks({ block, call }: AddressTest): readonly Used[] {
  return (block.values ?? []).map((known) => ({ ...known, call }));
}

/** Says which operand of a test may be a text that OPA and WebAssembly read differently. */
function findUnsure({ block, address }: AddressTest): ProblemText | undefined {
  if (block.values === undefined) return UNSURE_BLOCK;
  const isSure =
    address.isAddress === true ||
    address.values?.every(({ value }) => typeof value === "string" && (isAddress(value) || isBlock(value))) === true;
  return isSure ? undefined : UNSURE_ADDRESS;
}

const UNSURE_BLOCK: ProblemText = {
  code: "condition.address_block",
  message:
    "the block of net.cidr_contains is not known when the policy is built, and OPA and WebAssembly read what is nearly a block differently; write it out, or look it up in base data, as in data.data.networks[…]",
};
const UNSURE_ADDRESS: ProblemText = {
  code: "condition.address",
  message:
    "the second operand of net.cidr_contains may not be an address, and OPA and WebAssembly read what is nearly an address differently; use input.request.source_ip, or values.address(…) of data.engine.values",
};

/** Lists the calls of `net.cidr_contains`, also in helpers that are called. */
function testsIn(node: unknown, context: Context): readonly AddressTest[] {
  return callsIn(node).flatMap(([operator, ...operands]): readonly AddressTest[] => {
    const name = fullName(operator, context.scope);
    if (operator === undefined) return [];
    const shapes = operands.map((operand) => shapeOf(operand, context));
    const [block, address] = shapes;
    if (name === "net.cidr_contains") {
      return block === undefined || address === undefined ? [] : [{ block, address, call: operator }];
    }
    return definitionsOf(name, context).flatMap(({ rule, ...definition }) => {
      const inside = testsIn([rule.body, rule.head.value], createContext({ ...definition, rule }, context, shapes));
      return inside.map((one) => ({ ...one, call: operator }));
    });
  });
}

import { isIP } from "node:net";
import type { Term } from "../rego/syntax-tree.ts";
import type { ProblemText } from "./problem.ts";
import { exactName, type Scope } from "./scope.ts";

const LIST: ProblemText = {
  code: "unsatisfiable.header_as_text",
  message:
    'a header or query parameter is the list of its values, so this never holds; look for one of them, as in `"blue" in input.request.headers["x-tenant"]`',
};
const BLOCK: ProblemText = {
  code: "unsatisfiable.address_block",
  message:
    "the first operand is not an address block, so this never holds; write one like 203.0.113.0/24 or 2001:db8::/32",
};

const OF_TEXT = new Set([
  ...["contains", "endswith", "lower", "split", "startswith", "substring", "upper"],
  ...["trim", "trim_left", "trim_prefix", "trim_right", "trim_space", "trim_suffix"],
  ...["data.engine.values.number", "data.engine.values.text"],
]);

/**
 * Says why a call in a condition can never be true; undefined if it may be. Such a condition allows nothing by mistake. But
 * with it a grant never applies, or no denial is lifted, and users would find that out by a 403.
 *
 * @param name - The full name of the function or operator.
 */
export function explainUnsatisfiable(name: string, operands: readonly Term[], scope: Scope): ProblemText | undefined {
  const [first] = operands;
  if (name === "net.cidr_contains" && first?.type === "string" && !isBlock(first.value)) return BLOCK;
  const isList = (term: Term) => /^input\.request\.(headers|query)\.[^.]+$/.test(exactName(term, scope));
  if (OF_TEXT.has(name) && operands.some(isList)) return LIST;
  const isScalar = ({ type }: Term) => type === "string" || type === "number" || type === "boolean";
  return name === "equal" && operands.some(isList) && operands.some(isScalar) ? LIST : undefined;
}

function isBlock(text: string): boolean {
  const [address = "", bits = "", ...rest] = text.split("/");
  const most = isIP(address) === 4 ? 32 : 128;
  // OPA takes an IPv4-mapped IPv6 address for IPv4; WebAssembly does not.
  if (address.toLowerCase().startsWith("::ffff:")) return false;
  return isIP(address) !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= most && rest.length === 0;
}

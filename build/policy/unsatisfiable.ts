import { isIP } from "node:net";
import type { Term } from "../rego/syntax-tree.ts";
import type { Refusal } from "./refused-references.ts";
import { exactName, type Scope } from "./scope.ts";

const LIST: Refusal = {
  code: "unsatisfiable.header_as_text",
  message:
    'a header or query parameter is the list of its values, so this never holds; ask for one of them, as in `"blue" in input.request.headers["x-tenant"]`',
};
const BLOCK: Refusal = {
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
 * Says why a call in a condition can never be true, if that can be seen. It opens nothing; but a grant that never
 * applies, or a denial that is never lifted, is better found now than by whoever gets 403.
 *
 * @param name - The function's or operator's, in full.
 */
export function explainUnsatisfiable(name: string, operands: readonly Term[], scope: Scope): Refusal | undefined {
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
  // An IPv4 address in the form of IPv6 is one of IPv4 to OPA, and is not to WebAssembly.
  if (address.toLowerCase().startsWith("::ffff:")) return false;
  return isIP(address) !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= most && rest.length === 0;
}

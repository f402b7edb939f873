import type { EngineInput } from "../../contract/engine-input.ts";
import type { Invariant, InvariantWho } from "../../contract/invariants.ts";
import type { Breach } from "../access/invariant-breaches.ts";
import { listAtoms } from "../access/invariant-whos.ts";
import { formatWho, includesWho } from "../access/who.ts";
import type { Confirming, Explain } from "./confirm.ts";

/**
 * Checks that the module explains the witness of a broken invariant as the breach says.
 *
 * @returns Why it does not, as a line; undefined if it does. The engine decides no public route, so that nothing is asked about one.
 */
export function findBreachContradiction(
  { name, statement }: Pick<Invariant, "name" | "statement">,
  breach: Breach,
  input: EngineInput,
  confirming: Confirming,
): string | undefined {
  const reason =
    breach.request === undefined
      ? findUnshared(statement.kind === "disjoint" ? statement.whos : [], breach, confirming.listRoles(input))
      : findOtherAccess(breach, statement.kind === "always", input, confirming.explain);
  if (reason === undefined) return undefined;
  return `invariants.${name}, broken by ${formatWho(breach.who)}: ${reason}; ${JSON.stringify(input)}`;
}

/** Checks that a principal alone is two of those who must be disjoint. */
function findUnshared(
  named: readonly InvariantWho[],
  { who }: Breach,
  roles: readonly string[] | undefined,
): string | undefined {
  if (roles === undefined) return "the engine lists no roles";
  const isOne = (one: InvariantWho) =>
    one.roles.some((role) => roles.includes(role)) ||
    listAtoms(one).some((atom) => includesWho(who, { atoms: [atom], issuer: undefined }));
  return named.filter(isOne).length > 1 ? undefined : `the engine gives it the roles ${JSON.stringify(roles)} only`;
}

function findOtherAccess(
  { access, terms: { conditions } }: Breach,
  isRefused: boolean,
  input: EngineInput,
  explain: Explain,
): string | undefined {
  if (access === "public") return undefined;
  const explained = explain(input);
  if (explained === undefined) return "the engine explains nothing";
  const { isAllowed, alternatives, isDenied, unless } = explained;
  const isAlways = alternatives.some((one) => one.length === 0);
  if (access === "denied") return isDenied || unless.length > 0 ? undefined : "no denial concerns it";
  if (access === "none") return alternatives.length === 0 && !isAllowed ? undefined : "the engine may allow it";
  if (isRefused) return isAlways ? "the engine always allows it" : undefined;
  const isConfirmed = alternatives.some((one) => one.every((instance) => conditions.includes(instance)));
  if (!isConfirmed)
    return `the engine asks for ${JSON.stringify(alternatives)} instead of ${JSON.stringify(conditions)}`;
  return isAlways && !isAllowed ? "the engine denies it" : undefined;
}

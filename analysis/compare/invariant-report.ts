import { inFolder, type Problem } from "../../build/policy/problem.ts";
import type { CheckedPolicy } from "../../build/policy/read-policy.ts";
import type { EngineInput } from "../../contract/engine-input.ts";
import type { LocatedInvariant } from "../../contract/invariants.ts";
import { formatPolicyIndexError, parsePolicyData } from "../../contract/policy-data.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import { formatTooManyTests } from "../access/formats.ts";
import type { Breach } from "../access/invariant-breaches.ts";
import { type Judgement, judgeInvariants } from "../access/invariants.ts";
import type { AccessPolicy, Change } from "../access/model.ts";
import { formatWho, type JsonAtom, toJsonWho } from "../access/who.ts";
import { toWitness, toWitnessFacts, type WitnessFacts } from "../access/witness.ts";
import { type RulePlace, toRequiredConditions, toRulePlaces } from "./access-policy.ts";
import { createConfirming, formatContradictions } from "./confirm.ts";
import { findBreachContradiction } from "./confirm-breach.ts";
import { loadModuleOf } from "./load-module.ts";

/** A grant, denial or public rule, and its place. */
interface NamedPlace extends RulePlace {
  readonly name: string;
}

/** The judgement of an invariant, for tools. */
export interface InvariantReport extends RulePlace {
  readonly name: string;
  readonly title: string | null;
  readonly statement: LocatedInvariant["statement"]["kind"];
  readonly holds: boolean;
  /** Why it holds of nothing. */
  readonly idle: readonly string[];
  /** Who holds the roles that it names. */
  readonly roles: Readonly<Record<string, readonly (readonly JsonAtom[])[]>>;
  /** Null if it holds. */
  readonly breach: BreachReport | null;
}

/** The rules that break an invariant, and a request that shows it. */
interface BreachReport {
  readonly who: readonly JsonAtom[];
  /** Empty and null if the principal alone breaks it. */
  readonly verbs: readonly string[];
  readonly path: string | null;
  readonly access: Breach["access"];
  readonly by: readonly NamedPlace[];
  readonly witness: { readonly input: EngineInput; readonly assumes: Readonly<Record<string, boolean>> };
}

/** The judgement of all invariants of a policy. */
export interface InvariantReports {
  readonly invariants: readonly InvariantReport[];
  readonly problems: readonly Problem[];
  readonly notices: readonly Problem[];
}

/**
 * Judges the invariants of a policy: those that are broken are problems, those that hold of nothing are notices. The module that
 * ships confirms the witness of each that is broken.
 *
 * @param policies - The company's folder, from which files are named.
 * @param access - The same policy, as it is compared.
 * @returns The judgement; or lines that say why there is none, or that the engine contradicts it.
 */
export async function reportInvariants(
  policies: string,
  policy: CheckedPolicy,
  access: AccessPolicy,
): Promise<Result<InvariantReports, readonly string[]>> {
  if (policy.invariants.length === 0) return ok({ invariants: [], problems: [], notices: [] });
  const judged = judgeInvariants(access, inFolder(policies, policy.invariants), toRequiredConditions(policy));
  if (!judged.ok) return err([formatTooManyTests(judged.error)]);
  const [names, located] = [[...toRulePlaces(policy).keys()], inFolder(policies, [...toRulePlaces(policy).values()])];
  const places = new Map(names.flatMap((name, at) => (located[at] === undefined ? [] : [[name, located[at]]])));
  const facts = toWitnessFacts(access, access);
  const invariants = judged.value.map((one) => toReport(one, facts, places));
  const wrong = await findContradicted(judged.value, invariants, policy, access);
  if (!wrong.ok) return wrong;
  if (wrong.value.length > 0) return err(formatContradictions(wrong.value));
  return ok({
    invariants,
    problems: judged.value.flatMap((one, at) => toProblem(one, invariants[at]?.breach ?? null)),
    notices: judged.value.flatMap(toNotice),
  });
}

/** Lists how the module contradicts the breaches. It is compiled only if there are some. */
async function findContradicted(
  judged: readonly Judgement<LocatedInvariant>[],
  reports: readonly InvariantReport[],
  policy: CheckedPolicy,
  access: AccessPolicy,
): Promise<Result<readonly string[], readonly string[]>> {
  const broken = judged.flatMap(({ invariant, breach }, at) => {
    const witness = reports[at]?.breach?.witness;
    return breach === undefined || witness === undefined ? [] : [{ invariant, breach, input: witness.input }];
  });
  if (broken.length === 0) return ok([]);
  const [loaded, data] = [await loadModuleOf(policy), parsePolicyData(JSON.parse(policy.data))];
  if (!loaded.ok) return err([loaded.error]);
  if (!data.ok) return err([formatPolicyIndexError(data.error)]);
  const confirming = createConfirming(loaded.value.module, data.value, access);
  return ok(
    broken.flatMap(({ invariant, breach, input }) => {
      return findBreachContradiction(invariant, breach, input, confirming) ?? [];
    }),
  );
}

function toReport(
  { invariant, breach, by, holders, idle }: Judgement<LocatedInvariant>,
  facts: WitnessFacts,
  places: ReadonlyMap<string, RulePlace>,
): InvariantReport {
  const { name, title = null, statement, file, line } = invariant;
  const kinds = statement.kind === "always" ? ["denial", "grant"] : ["grant", "public"];
  const named = by.flatMap((rule) =>
    kinds.flatMap((kind) => {
      const place = places.get(`${kind} ${rule}`);
      return place === undefined ? [] : [{ name: rule, ...place }];
    }),
  );
  return {
    name,
    title,
    statement: statement.kind,
    file,
    line,
    holds: breach === undefined,
    idle,
    roles: Object.fromEntries(Object.entries(holders).map(([role, whos]) => [role, whos.map(toJsonWho)])),
    breach:
      breach === undefined
        ? null
        : {
            who: toJsonWho(breach.who),
            verbs: breach.request === undefined ? [] : [breach.request.verb],
            path: breach.request?.path ?? null,
            access: breach.access,
            by: named,
            witness: toBreachWitness(breach, statement.kind, facts),
          },
  };
}

/** Makes the request that shows a breach, as one shows that somebody gains access. */
export function toBreachWitness(
  { who, request, access, terms }: Breach,
  statement: InvariantReport["statement"],
  facts: WitnessFacts,
): BreachReport["witness"] {
  // What must always be allowed is not, if a condition is not true or a segment is not the claim.
  const isRefused = statement === "always";
  const shown: Change = {
    kind: "gain",
    who,
    not: [],
    verbs: [request?.verb ?? "GET"],
    region: { path: request?.path ?? "/", except: [] },
    apis: request?.api === undefined ? undefined : { only: [request.api] },
    before: "none",
    after: access,
    terms: { before: [], after: [isRefused ? { ...terms, own: [] } : terms] },
    by: [],
  };
  const { input, assumes } = toWitness(shown, facts);
  return {
    input: request === undefined ? { principal: input.principal ?? {} } : input,
    assumes: Object.fromEntries(Object.keys(assumes).map((condition) => [condition, !isRefused])),
  };
}

function toProblem(
  { invariant, breach, holders }: Judgement<LocatedInvariant>,
  report: BreachReport | null,
): readonly Problem[] {
  if (breach === undefined || report === null) return [];
  const { name, title, file, line } = invariant;
  const held = Object.entries(holders).map(([role, whos]) => ` Role ${role}: ${whos.map(formatWho).join(", ")}.`);
  const { input, assumes } = report.witness;
  const assumed = Object.entries(assumes).map(([condition, truth]) => `${condition} is ${truth}`);
  const witness = `Witness: ${JSON.stringify(input)}${assumed.length === 0 ? "" : `, if ${assumed.join(" and ")}`}.`;
  const message = `invariants.${name}${title === undefined ? "" : ` ("${title}")`} is broken: ${formatBreach(breach, report)}. ${witness}${held.join("")}`;
  return [{ code: "invariant.broken", file, line, message }];
}

/** Formats what breaks an invariant: `group Support may GET /admin/{}, by orders.all (policies/access/orders.rego:9)`. */
function formatBreach({ who, request, access }: Breach, { by }: BreachReport): string {
  const rules = by.map(({ name, file, line }) => `${name} (${file}:${line})`).join(", ");
  const behind = rules === "" ? "" : `, by ${rules}`;
  if (request === undefined) return `${formatWho(who)} alone gives both`;
  const there = `${request.verb} ${request.path}${request.api === undefined ? "" : ` of ${request.api}`}`;
  return `${toSubject(who, access)} ${VERBS[access]} ${there}${behind}`;
}

function toSubject(who: Breach["who"], access: Breach["access"]): string {
  return access === "public" ? "everybody, with or without a token," : formatWho(who);
}

const VERBS: Readonly<Record<Breach["access"], string>> = {
  allow: "may",
  public: "may",
  own: "may, where the path has its own claim,",
  conditional: "may, depending on conditions,",
  none: "may not",
  denied: "is denied",
};

function toNotice({ invariant: { name, file, line }, idle }: Judgement<LocatedInvariant>): readonly Problem[] {
  if (idle.length === 0) return [];
  const message = `invariants.${name} holds of nothing, as far as ${idle.join(", and ")}; correct it if that is a misspelling`;
  return [{ code: "invariant.idle", file, line, message }];
}

import type { CachingApi } from "../contract/api-kinds.ts";
import { findBrokenRules } from "../gateway-rules/find-broken-rules.ts";
import { type BrokenRule, formatBrokenRule } from "../gateway-rules/rule.ts";
import { toApiKind } from "./api-kind.ts";
import { toDocumentShape } from "./document-shape.ts";

/** The rules of API Gateway that a document breaks. */
export interface GatewayErrors {
  /** No API can be made of the document, a line each. */
  readonly errors: readonly string[];
  /** An API may be made of the document, but not in every way, each with the operation that it is about. */
  readonly notices: readonly { readonly route: string; readonly text: string }[];
}

const NAMES: Readonly<Record<CachingApi, string>> = { rest: "a REST API", http: "an HTTP API" };

/**
 * Finds the rules of API Gateway that the routes of a document break.
 *
 * A document that shows no kind of API may be for both, so that only what both kinds refuse is an error.
 *
 * @param told - The kind of API that the document is for, if the user says it.
 */
export function findGatewayErrors(document: unknown, told?: CachingApi): GatewayErrors {
  const kind = told ?? toApiKind(document);
  const kinds: readonly CachingApi[] = kind === undefined ? ["rest", "http"] : [kind];
  const broken = kinds.map((one) => ({ kind: one, rules: findBrokenRules(toDocumentShape(document, one)) }));
  const refusing = broken.map(({ rules }) => rules.filter(isRefused));
  const errors = refusing.every((rules) => rules.length > 0) ? refusing.flat().map(formatBrokenRule) : [];
  const notices = broken.flatMap((one) =>
    one.rules
      .filter((rule) => errors.length === 0 || !isRefused(rule))
      // With another kind of API in question, a mere doubt about one of them is not worth a line.
      .filter((rule) => kind !== undefined || isRefused(rule) || isQuota(rule))
      .map((rule) => ({ route: rule.where[0] ?? "", text: toNotice(one.kind, rule, kind === undefined) })),
  );
  return { errors: [...new Set(errors)], notices };
}

/** Tells whether a rule refuses the document. A quota does not, since AWS may have raised it for the API. */
function isRefused(rule: BrokenRule): boolean {
  return rule.effect === "refused" && !isQuota(rule);
}

function isQuota({ code }: BrokenRule): boolean {
  return code.startsWith("quota.");
}

function toNotice(kind: CachingApi, rule: BrokenRule, isUnknown: boolean): string {
  const text = formatBrokenRule(rule);
  if (!isRefused(rule)) return text;
  return isUnknown
    ? `${NAMES[kind]} can't be made of the document: ${text}. If it is for another kind, say so with --api`
    : text;
}

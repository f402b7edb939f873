import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import { formatChoice } from "../../contract/nearest.ts";
import { isStandardClaim } from "../../contract/standard-claims.ts";
import type { ParsedFile } from "../rego/files.ts";
import { type Term, termsIn } from "../rego/syntax-tree.ts";
import { findYamlMistake } from "./data-files.ts";
import type { Problem } from "./problem.ts";
import { fieldOfTerm } from "./rule-values.ts";
import { createScope, fullName } from "./scope.ts";
import { readImports, type Vocabulary } from "./vocabulary.ts";

/** The file of a company that declares the claims of its issuers' tokens. */
export const CLAIMS_FILE = "policies/claims.yaml";

/** The claims that a company declares; undefined if it declares none, so that a policy may read any. */
export interface DeclaredClaims {
  readonly claims: readonly string[] | undefined;
  /** The claims of each issuer, by its name. */
  readonly issuers: ReadonlyMap<string, readonly string[]>;
  readonly problems: readonly Problem[];
}

/** Reads `claims.yaml` in a company's folder. */
export async function readDeclaredClaims(policies: string): Promise<DeclaredClaims> {
  const text = await readFile(join(policies, "claims.yaml"), "utf8").catch(() => undefined);
  return text === undefined ? { claims: undefined, issuers: new Map(), problems: [] } : parseDeclaredClaims(text);
}

/** Parses the text of `claims.yaml`: `issuers`, and under the name of each a list of claims. */
export function parseDeclaredClaims(text: string): DeclaredClaims {
  const problem = (line: number, message: string): DeclaredClaims => {
    const problems: readonly Problem[] = [{ code: "claims.malformed", file: CLAIMS_FILE, line, message }];
    return { claims: undefined, issuers: new Map(), problems };
  };
  const mistake = findYamlMistake(text);
  if (mistake !== undefined) return problem(mistake.line, mistake.message);
  const lines = new LineCounter();
  const { contents } = parseDocument(text, { lineCounter: lines, logLevel: "error" });
  const lineOf = (node: unknown) => (isNode(node) ? Math.max(lines.linePos(node.range?.[0] ?? 0).line, 1) : 1);
  if (!isMap(contents) || contents.items.length === 0) return problem(1, `the file has no issuers; ${FORM}`);
  const byIssuer = new Map<string, readonly string[]>();
  for (const { key, value: issuers } of contents.items) {
    if (!isScalar(key) || key.value !== "issuers")
      return problem(lineOf(key), `${String(key)} is not a key of this file, whose only key is issuers; ${FORM}`);
    if (!isMap(issuers)) return problem(lineOf(issuers ?? key), `issuers is not an object; ${FORM}`);
    for (const { key: name, value: list } of issuers.items) {
      if (!isSeq(list)) return problem(lineOf(name), `${String(name)} has no list of claims; ${FORM}`);
      const claims: string[] = [];
      for (const item of list.items) {
        if (!isScalar(item) || typeof item.value !== "string" || item.value === "")
          return problem(lineOf(item), `the claims of ${String(name)} are not all texts; ${FORM}`);
        claims.push(item.value);
      }
      byIssuer.set(String(name), claims);
    }
  }
  return { claims: [...byIssuer.values()].flat(), issuers: byIssuer, problems: [] };
}

const FORM = "write `issuers:`, and under the name of each issuer a list of its claims, as in `staff: [custom:tenant]`";

/** Finds claims that conditions, roles or `where` read, and that no issuer's tokens have. */
export function checkClaims(
  sources: readonly ParsedFile[],
  vocabulary: Vocabulary,
  { claims }: DeclaredClaims,
): readonly Problem[] {
  if (claims === undefined) return [];
  const isDeclared = (name: string) => isStandardClaim(name) || claims.includes(name);
  const problems = sources.flatMap((source) =>
    claimsReadBy(source, vocabulary)
      .filter(({ claim }) => !isDeclared(claim))
      .map(({ claim, line }): Problem => {
        const choice = claims.length === 0 ? "it declares none" : formatChoice(claim, claims);
        const message = `no issuer in ${CLAIMS_FILE.replace("policies/", "")} has the claim ${claim}, so it would always be missing; ${choice}`;
        return { code: "claim.undeclared", file: source.file, line, message };
      }),
  );
  return [...new Map(problems.map((one) => [`${one.file}:${one.line}:${one.message}`, one])).values()];
}

interface ReadClaim {
  readonly claim: string;
  readonly line: number;
}

function claimsReadBy(source: ParsedFile, vocabulary: Vocabulary): readonly ReadClaim[] {
  const imports = readImports(source);
  return (source.module.rules ?? []).flatMap((rule): readonly ReadClaim[] => {
    const lineOf = (term: Term | undefined) => term?.location?.row ?? rule.location.row;
    if (source.part === "area") {
      const where = fieldOfTerm(rule.head.value, "where");
      const pairs = where?.type === "object" ? where.value : [];
      return pairs.flatMap(([, value]) =>
        value.type === "string" ? [{ claim: value.value, line: lineOf(value) }] : [],
      );
    }
    if (source.part === "roles") {
      const claims = fieldOfTerm(rule.head.value, "claims");
      const pairs = claims?.type === "object" ? claims.value : [];
      return pairs.flatMap(([key]) => (key.type === "string" ? [{ claim: key.value, line: lineOf(key) }] : []));
    }
    const scope = createScope({ rule, imports, package: `data.${source.package}` }, vocabulary);
    return termsIn([rule.head.value, rule.body]).flatMap((term) => {
      const name = term.type === "ref" ? fullName(term, scope) : "";
      if (!name.startsWith(CLAIMS)) return [];
      const [, , , claim] = term.value as readonly Term[];
      return claim?.type === "string" ? [{ claim: claim.value, line: lineOf(term) }] : [];
    });
  });
}

const CLAIMS = "input.principal.claims.";

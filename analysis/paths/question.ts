import { parseTemplate, segmentsOf } from "../../contract/path-template.ts";
import { globOfTemplate } from "./iam-patterns.ts";
import type { Glob } from "./language.ts";

/** The path template of a grant or denial, and the claims that its parameters have to equal. */
export interface BoundTemplate {
  readonly path: string;
  readonly where?: Readonly<Record<string, string>>;
  /** The paths that the template matches; default: they are computed. */
  readonly glob?: Glob;
  /** The paths that its IAM pattern matches, whatever the claims are; default: they are computed. */
  readonly widest?: Glob;
}

/** Lists the paths that a template matches, whatever the claims are. */
export function globOf({ path, glob }: BoundTemplate): Glob {
  return glob ?? globOfTemplate(path);
}

/** Whether the pattern of a template matches other paths, asked with what the pattern could match, whatever the claims are. */
export interface NearQuestion {
  readonly template: BoundTemplate;
  readonly arriving: readonly Glob[];
  readonly others: readonly BoundTemplate[];
  readonly spared: readonly Glob[];
  readonly isForAllVerbs: boolean;
}

/** A path whose literals are numbers. */
export type NumberedPath = readonly (string | number)[];

/** A question about templates without the texts of its literals. */
interface Form {
  /** Equal for questions whose answers are equal, up to the texts of literals. */
  readonly key: string;
  /** The literals, in the order of their numbers. */
  readonly literals: readonly string[];
}

/** Stands for the segment that no template names. */
const OTHER = -1;

/** A text of `SOME_VALUES` can be a literal, too. Then it keeps its text, since the answer has it for either reason. */
const isValue = (literal: string) => literal.startsWith("<");

/** Numbers the literals and claims of a question in the order in which the search meets them. */
export function toForm({ template, arriving, others, spared, isForAllVerbs }: NearQuestion): Form {
  const literals = new Map<string, number>();
  const claims = new Map<string, number>();
  const numberOf = (names: Map<string, number>, name: string): number => {
    const known = names.get(name) ?? names.size;
    names.set(name, known);
    return known;
  };
  const write = (glob: Glob, claimAt?: readonly (string | undefined)[]) =>
    glob
      .map(({ literal, isRun }, at) => {
        if (literal !== undefined) {
          const number = numberOf(literals, literal);
          return isValue(literal) ? `${number}${JSON.stringify(literal)}` : number;
        }
        const claim = claimAt?.[at];
        return isRun === true ? "+" : claim === undefined ? "?" : `=${numberOf(claims, claim)}`;
      })
      .join(" ");
  // The values of claims are tried in the order in which `where` names them.
  for (const claim of Object.values(template.where ?? {})) numberOf(claims, claim);
  const parts = [
    isForAllVerbs ? "*" : "",
    arriving.map((glob) => write(glob)).join(),
    [template, ...others].map((one) => write(globOf(one), claimsOf(one))).join(),
    spared.map((glob) => write(glob)).join(),
  ];
  return { key: parts.join("|"), literals: [...literals.keys()] };
}

/** Lists the claim that each segment has to equal. */
function claimsOf({ path, where = {} }: BoundTemplate): readonly (string | undefined)[] | undefined {
  if (Object.keys(where).length === 0) return undefined;
  return parseTemplate(path).map((segment) => {
    return segment.kind === "parameter" && Object.hasOwn(where, segment.name) ? where[segment.name] : undefined;
  });
}

/**
 * Creates the functions that replace the literals of a path by their numbers, and numbers by literals.
 *
 * @param other - The segment that no template names.
 */
export function createNames(literals: readonly string[], other: string) {
  return {
    toText: (path: NumberedPath): string =>
      `/${path.map((one) => (typeof one === "string" ? one : one === OTHER ? other : literals[one])).join("/")}`,
    toNumbered: (path: string): NumberedPath => {
      const numbers = new Map(literals.map((literal, at) => [literal, at]));
      return segmentsOf(path).map((text) => (text === other ? OTHER : (numbers.get(text) ?? text)));
    },
  };
}

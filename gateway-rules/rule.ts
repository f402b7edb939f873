import type { Api } from "../contract/api-kinds.ts";
import type { ApiShape } from "./api-shape.ts";

/** The parts of an API that API Gateway counts. */
export type QuotaName = "resources" | "routes" | "integrations" | "authorizers" | "stages";

/** The quotas that AWS has raised for an API, by their names. */
export type RaisedQuotas = Readonly<Partial<Record<QuotaName, number>>>;

/** A place where an API breaks a rule. */
export interface Breach {
  /** The parts of the API that break the rule together. */
  readonly where: readonly string[];
  /** The error, to be read after the place: "the name of the stage has a blank". */
  readonly cause: string;
  /** Says what to do: "rename it". */
  readonly remedy: string;
}

/** A rule of API Gateway about the shape of an API. */
export interface Rule {
  /** A stable name. */
  readonly code: string;
  readonly title: string;
  readonly kinds: readonly Api[];
  /**
   * `refused`: API Gateway does not create such an API. `notice`: AWS does not document that it does not, or it does and the
   * API does not work as it seems to.
   */
  readonly effect: "refused" | "notice";
  /** The document of AWS, or the message of API Gateway where AWS documents nothing. */
  readonly source: string;
  readonly find: (shape: ApiShape, raised: RaisedQuotas) => readonly Breach[];
}

/** A rule that an API breaks, with one place. */
export interface BrokenRule extends Breach {
  readonly code: string;
  readonly effect: "refused" | "notice";
  readonly source: string;
}

/** Formats a broken rule for people: where, what, what to do, and who says so. */
export function formatBrokenRule({ where, cause, remedy, source }: BrokenRule): string {
  return `${where.join(" and ")}: ${cause}; ${remedy} (${source})`;
}

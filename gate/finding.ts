/** The place of a resource in the files that were read. */
export interface Place {
  /** The template, plan or document, as it was named or as the assembly names it. */
  readonly file: string;
  /** The logical id, Terraform's address, or the name of an operation; empty if the whole file is meant. */
  readonly id: string;
  /** The construct's path in a CDK app, such as `Orders/Api/Resource`. */
  readonly path?: string | undefined;
}

interface KindOfFinding {
  /** Its meaning, for readers of docs. */
  readonly title: string;
  /** Whether somebody may accept it by name and with a reason. What can't be read can never be accepted. */
  readonly isAcceptable: boolean;
}

/** The kinds of findings. `docs/check-template.md` lists them, and a test compares the two. */
export const FINDING_KINDS = {
  "method.open": { title: "everybody can call the method or route", isAcceptable: false },
  "method.report_only": {
    title: "the method lets everybody through, and only reports what the policy decides",
    isAcceptable: true,
  },
  "authorizer.foreign": { title: "its authorizer evaluates no policy", isAcceptable: true },
  "stage.stale": { title: "the stage would go on serving what was deployed before", isAcceptable: true },
  "endpoint.open": { title: "the API is reachable without the client certificates of its domain", isAcceptable: true },
  "response.shared": { title: "the stage caches responses of one caller for another", isAcceptable: true },
  "cache.contract": { title: "the authorizer caches otherwise than its function's contract says", isAcceptable: false },
  "rule.broken": { title: "API Gateway would refuse the API", isAcceptable: true },
  unreadable: { title: "something can't be read, and could have open methods", isAcceptable: false },
} as const satisfies Readonly<Record<string, KindOfFinding>>;

export type FindingCode = keyof typeof FINDING_KINDS;

/** Something that is wrong, or that can't be read. */
export interface Finding {
  readonly code: FindingCode;
  readonly place: Place;
  /** The fault, with the name of the method, route, stage or API. */
  readonly cause: string;
  /** The remedy. */
  readonly advice: string;
  /** The names by which somebody may accept it: logical ids, construct paths, names of authorizers. */
  readonly names: readonly string[];
  /** The reason for which the file itself accepts it; see the marks of methods in `marks.ts`. */
  readonly reason?: string;
}

/** Something that is safe and may still surprise. */
export type Notice = Pick<Finding, "place" | "cause" | "advice">;

/** A name that somebody accepts, and why. */
export interface Accepted {
  readonly name: string;
  /** Not empty. */
  readonly reason: string;
  /** The last day on which it is accepted, as `2026-12-31` in UTC; undefined without an end. */
  readonly until?: string | undefined;
}

/** Tells whether a text is a day of the calendar, such as `2026-12-31`. */
export function isDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/** Formats a finding in one line. */
export function formatFinding({ code, place, cause, advice }: Finding): string {
  return `${formatPlace(place)}: ${cause}; ${advice} (${code})`;
}

/** Formats a notice in one line. */
export function formatNotice({ place, cause, advice }: Notice): string {
  return `notice: ${formatPlace(place)}: ${cause}; ${advice}`;
}

/** Formats a place: the file, and the construct's path or the logical id. */
function formatPlace({ file, id, path }: Place): string {
  const parts = [file, path === undefined || path === id ? id : `${path} (${id})`];
  return parts.filter((part) => part !== "").join(": ");
}

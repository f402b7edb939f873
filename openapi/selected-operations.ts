import type { CachingApi } from "../contract/api-kinds.ts";
import { type AttachmentMode, answersBelow, findEntries, type Selection } from "../contract/method-selection.ts";
import { findNearest } from "../contract/nearest.ts";
import type { RouteAccess } from "../contract/public-rules.ts";
import type { Route } from "../contract/route.ts";
import type { Intent } from "./intent.ts";
import type { Operation } from "./operations.ts";
import { modeOfScheme } from "./own-schemes.ts";
import { readScheme } from "./schemes.ts";
import { readSecurity } from "./security.ts";

/** An operation, and how it is meant to be authorized. */
export interface Read {
  readonly one: Operation;
  readonly intent: Intent;
  readonly access: RouteAccess;
}

/** The operations of a document that get an authorizer, or those among which they are looked for. */
export interface Selecting {
  readonly api: CachingApi;
  readonly selection: Selection;
  readonly mode: AttachmentMode;
}

/** The operations that a selection is for, all others, and the errors of the selection. */
export interface SelectedOperations {
  readonly selected: readonly Read[];
  /** They keep exactly what they have. */
  readonly others: readonly Read[];
  /** A line each. */
  readonly errors: readonly string[];
}

/** Formats the name of an operation for messages. The route `$default` of an HTTP API has no path. */
export function nameOf(one: Route): string {
  const { verb, path } = toRoute(one);
  return path === "" ? verb : `${verb} ${path}`;
}

function toRoute({ verb, path }: Route): Route {
  return path === "/$default" ? { verb: "$default", path: "" } : { verb, path };
}

/**
 * Divides the operations of a document into those that a selection is for, and others.
 *
 * A report-only authorizer lets everybody through, so it never takes the place of another one: `withoutAuthorizer` leaves such an
 * operation alone, and any other selection of it is an error.
 */
export function selectOperations(document: unknown, all: readonly Read[], selecting: Selecting): SelectedOperations {
  const { selection, mode } = selecting;
  const named = all.filter(({ one }) => findEntries(selection, toRoute(one)) !== undefined);
  const selected = named.filter((read) => isSelected(document, read, selecting));
  const others = all.filter((read) => !selected.includes(read));
  const errors = [
    ...findUnknown(all, selection),
    ...(selection.kind === "only" ? named.flatMap(findUnchanging) : []),
    ...selected.flatMap((read) => findReplaced(document, read, selecting)),
    ...(mode === "enforce" ? findBeside(document, others, selecting) : []),
  ];
  return { selected, others, errors: errors.length > 0 ? errors : findNothing(selected, selecting) };
}

/** Tells whether an operation that a selection names changes, or whether that can't be told, which is an error. */
function isSelected(document: unknown, read: Read, { selection, mode, api }: Selecting): boolean {
  const { one, intent, access } = read;
  const has = authorizersOf(intent).length > 0;
  if (intent.kind === "preflight") return mode === "enforce" && selection.kind !== "rest";
  // A public operation keeps what it has, but not the report-only authorizer from before the policy made it public.
  if (mode === "report" && access.kind === "public")
    return intent.kind === "policy" && intent.replaced.length > 0 && !has;
  if (selection.kind === "rest")
    return !((has || intent.kind === "iam") && readSecurity(document, one.operation, api).schemes !== undefined);
  return true;
}

/** Lists the authorizers that an operation has, and would lose. */
function authorizersOf(intent: Intent): readonly string[] {
  return intent.kind === "policy" ? intent.authorizers : [];
}

/** Finds entries of a selection that name nothing. */
function findUnknown(all: readonly Read[], { kind, entries, texts, ...selection }: Selection): readonly string[] {
  const names = all.map(({ one }) => nameOf(one));
  return texts.flatMap((text, at) => {
    const alone = { ...selection, kind, texts: [text], entries: entries.slice(at, at + 1) };
    if (all.some(({ one }) => findEntries(alone, toRoute(one)) !== undefined)) return [];
    if (kind === "below")
      return [`below: the document has no operation at or below ${text}; correct the path, or leave it out`];
    const nearest = findNearest(text, names);
    const remedy = nearest === undefined ? "correct it, or leave it out" : `did you mean ${nearest}?`;
    return [`only: the document has no operation ${text}; ${remedy}`];
  });
}

/** Finds out why an operation that is named by itself would get no authorizer. */
function findUnchanging({ one, intent, access }: Read): readonly string[] {
  const cause =
    intent.kind === "iam"
      ? "has IAM authorization, and keeps it"
      : intent.kind === "preflight"
        ? "is a preflight, which has no token, and gets no authorizer"
        : access.kind === "public"
          ? "is public in the policy, and gets no authorizer"
          : undefined;
  return cause === undefined ? [] : [`only: ${nameOf(one)} ${cause}; leave it out`];
}

/** Finds authorizers that would be lost although nobody asked for it, or that may not be there. */
function findReplaced(
  document: unknown,
  { one, intent }: Read,
  { selection, mode, api }: Selecting,
): readonly string[] {
  const [name] = intent.kind === "iam" && selection.kind === "rest" ? ["IAM authorization"] : authorizersOf(intent);
  if (name === undefined) return [];
  if (selection.kind === "rest") {
    const read = readSecurity(document, one.operation, api);
    return read.schemes === undefined
      ? [`withoutAuthorizer: ${nameOf(one)} names ${name}, and may be open all the same: it ${read.error}`]
      : [];
  }
  if (mode === "enforce") return [];
  return [
    modeOfScheme(readScheme(document, name)) === "enforce"
      ? `${nameOf(one)} has the enforcing authorizer ${name} of the policy, and report-only would let everybody through; write report-only into the document as it was without it, or select others`
      : `${nameOf(one)} has the authorizer ${name}, and report-only in its place would let everybody through; say in keep, with the reason, that operations keep it, or select those withoutAuthorizer`,
  ];
}

/** Finds open operations that answer requests for paths below a selected one. */
function findBeside(document: unknown, others: readonly Read[], { selection, api }: Selecting): readonly string[] {
  return others
    .filter(({ one, intent, access }) => {
      if (intent.kind === "preflight" || access.kind === "public" || !answersBelow(selection, toRoute(one)))
        return false;
      const { schemes } = readSecurity(document, one.operation, api);
      return schemes === undefined || schemes.some((scheme) => modeOfScheme(scheme) === "report");
    })
    .map(
      ({ one }) =>
        `${nameOf(one)} also answers paths ${selection.called}, and would stay open; select it, too, or list the operations by only`,
    );
}

const LABELS = { all: "reportOnly", only: "only", below: "below", rest: "withoutAuthorizer" } as const;

/** Finds out that nothing would be written. */
function findNothing(selected: readonly Read[], { selection, mode }: Selecting): readonly string[] {
  if (selection.kind === "all" && mode === "enforce") return [];
  const changes = selected.some(
    ({ intent: { kind }, access }) => kind !== "preflight" && kind !== "iam" && access.kind !== "public",
  );
  return changes
    ? []
    : [
        `${LABELS[selection.kind]}: no operation gets an authorizer: all that are selected have one already, are public in the policy, or are preflights; correct it, or leave it out`,
      ];
}

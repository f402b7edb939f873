import { type IamExport, NO_GROUP } from "../../contract/iam-export.ts";
import type { PolicyIndex } from "../../contract/policy-index.ts";
import { toAllowed } from "./allowed.ts";
import { type Denied, toDenied } from "./denied.ts";
import { toReachablePaths } from "./reachable-paths.ts";
import { rolesByGroup, rolesOfUsers } from "./roles.ts";
import { toStatements } from "./statements.ts";
import { toTags } from "./tags.ts";
import { isHeldBy, isUnconditional } from "./unconditional-grants.ts";

/** The IAM documents of a policy, each of which is made when it is asked for. */
export interface IamDocuments {
  /** The groups, and {@link NO_GROUP}. */
  readonly names: ReadonlySet<string>;
  /** All that the documents follow from; undefined for an export. */
  readonly source?: string;
  /** Formats the statements of a document. */
  readonly statementsOf: (name: string) => string;
  /** Formats all that the statements follow from; without it, only the statements themselves can be compared. */
  readonly basisOf?: (name: string) => string;
}

/** Gives the documents of an export. */
export function toIamDocuments({ groups, authenticated }: IamExport): IamDocuments {
  const documents = new Map([[NO_GROUP, authenticated], ...Object.entries(groups)]);
  return {
    names: new Set(documents.keys()),
    statementsOf: (name) => JSON.stringify(documents.get(name)?.statements),
  };
}

/**
 * Creates the documents of a policy, for all canonical paths.
 *
 * @param visit - Is called for each step of a proof about a pattern, and may end it by an error.
 */
export function createIamDocuments({ grants, denials, roles }: PolicyIndex, visit: () => void): IamDocuments {
  const reachable = toReachablePaths(undefined, visit);
  const tags = toTags(grants);
  const holders = new Map([[NO_GROUP, rolesOfUsers(roles)], ...rolesByGroup(roles)]);
  const rolesOf = (name: string) => holders.get(name) ?? [];
  const expressed = Object.values(grants).filter(isUnconditional);
  let made: { readonly denied: Denied; readonly text: string } | undefined;
  const forAll = () => {
    if (made !== undefined) return made;
    const denied = toDenied({ grants, denials }, [...holders.values()], reachable);
    made = { denied, text: JSON.stringify([...tags, denied.resources]) };
    return made;
  };
  return {
    names: new Set(holders.keys()),
    source: JSON.stringify([Object.values(grants), Object.values(denials), [...holders]]),
    statementsOf(name) {
      const { denied } = forAll();
      const { resources, narrowing } = toAllowed(grants, rolesOf(name), reachable, tags, denied);
      return JSON.stringify(toStatements(resources, [...denied.resources, ...narrowing]));
    },
    basisOf(name) {
      const held = expressed.filter((grant) => isHeldBy(grant, rolesOf(name)));
      return `${forAll().text}${JSON.stringify(held.map(({ verbs, path, where }) => [verbs, path, where]))}`;
    },
  };
}

/** The documents that differ between two policies. */
export interface ChangedDocuments {
  /** Sorted; {@link NO_GROUP} is first. */
  readonly names: readonly string[];
  /** False if the proofs took too long: then these are all that may differ. */
  readonly isExact: boolean;
}

/** The most steps of the proofs about the patterns of one policy: some two seconds. */
const MAX_STEPS = 1_000_000;

/** Ends proofs that take too many steps. It doesn't leave this module. */
class StepLimit extends Error {}

/** Lists the documents that differ between two policies. Only documents that follow from something else are made. */
export function listChangedDocuments(
  before: (visit: () => void) => IamDocuments,
  after: (visit: () => void) => IamDocuments,
  maxSteps = MAX_STEPS,
): ChangedDocuments {
  const [olds, news] = [before(createCount(maxSteps)), after(createCount(maxSteps))];
  if (olds.source !== undefined && olds.source === news.source) return { names: [], isExact: true };
  const all = [...new Set([...olds.names, ...news.names])].sort();
  const some = pick(all, (name) => mayDiffer(olds, news, name));
  const changed = some && pick(some, (name) => isChanged(olds, news, name));
  return changed === undefined ? { names: some ?? all, isExact: false } : { names: changed, isExact: true };
}

/** Picks names; gives undefined if that takes too many steps. */
function pick(names: readonly string[], isPicked: (name: string) => boolean): readonly string[] | undefined {
  try {
    return names.filter(isPicked);
  } catch (error) {
    if (error instanceof StepLimit) return undefined;
    throw error;
  }
}

function mayDiffer(before: IamDocuments, after: IamDocuments, name: string): boolean {
  const [was, is] = [before.basisOf?.(name), after.basisOf?.(name)];
  return was === undefined || was !== is;
}

function isChanged(before: IamDocuments, after: IamDocuments, name: string): boolean {
  const isNew = !before.names.has(name) || !after.names.has(name);
  return isNew || before.statementsOf(name) !== after.statementsOf(name);
}

function createCount(maxSteps: number): () => void {
  let left = maxSteps;
  return () => {
    left -= 1;
    if (left < 0) throw new StepLimit();
  };
}

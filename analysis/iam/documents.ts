import { type IamExport, NO_GROUP } from "../../contract/iam-export.ts";
import type { PolicyIndex } from "../../contract/policy-index.ts";
import { createProofs } from "../paths/mismatch.ts";
import { toAllowed } from "./allowed.ts";
import { type Denied, toDenied } from "./denied.ts";
import { toReachablePaths } from "./reachable-paths.ts";
import { rolesByGroup, rolesOfUsers } from "./roles.ts";
import { createListWith, type ListWith, toStatements } from "./statements.ts";
import { toTags } from "./tags.ts";
import { isHeldBy, listUnconditional } from "./unconditional-grants.ts";

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
  /** Tells whether the proofs so far stayed within their limit of steps. */
  readonly isWhole: () => boolean;
}

/** Gives the documents of an export. */
export function toIamDocuments({ groups, authenticated }: IamExport): IamDocuments {
  const documents = new Map([[NO_GROUP, authenticated], ...Object.entries(groups)]);
  return {
    names: new Set(documents.keys()),
    statementsOf: (name) => JSON.stringify(documents.get(name)?.statements),
    isWhole: () => true,
  };
}

/** Creates the documents of a policy, for all canonical paths. */
export function createIamDocuments({ grants, denials, roles }: PolicyIndex): IamDocuments {
  const reachable = toReachablePaths(undefined);
  const tags = toTags(grants);
  const holders = new Map([[NO_GROUP, rolesOfUsers(roles)], ...rolesByGroup(roles)]);
  const rolesOf = (name: string) => holders.get(name) ?? [];
  const expressed = listUnconditional(grants);
  const proofs = createProofs();
  let made: { readonly denied: Denied; readonly toDenials: ListWith; readonly text: string } | undefined;
  const forAll = () => {
    if (made !== undefined) return made;
    const denied = toDenied({ grants, denials }, [...holders.values()], reachable, proofs.steps);
    const toDenials = createListWith(denied.resources);
    made = { denied, toDenials, text: JSON.stringify([...tags, denied.resources]) };
    return made;
  };
  return {
    names: new Set(holders.keys()),
    source: JSON.stringify([Object.values(grants), Object.values(denials), [...holders]]),
    statementsOf(name) {
      const { denied, toDenials } = forAll();
      const { resources, narrowing } = toAllowed(expressed, rolesOf(name), reachable, tags, denied, proofs);
      return JSON.stringify(toStatements(resources, toDenials, narrowing));
    },
    basisOf(name) {
      const held = expressed.filter((grant) => isHeldBy(grant, rolesOf(name)));
      return `${forAll().text}${JSON.stringify(held.map(({ verbs, path, where }) => [verbs, path, where]))}`;
    },
    isWhole: () => proofs.steps.left > 0,
  };
}

/** The documents that differ between two policies. */
export interface ChangedDocuments {
  /** Sorted; {@link NO_GROUP} is first. */
  readonly names: readonly string[];
  /** False if the proofs of a policy reached their limit of steps: then these are all that may differ. */
  readonly isExact: boolean;
}

/** Lists the documents that differ between two policies. Only documents that follow from something else are made. */
export function listChangedDocuments(before: IamDocuments, after: IamDocuments): ChangedDocuments {
  if (before.source !== undefined && before.source === after.source) return { names: [], isExact: true };
  const all = [...new Set([...before.names, ...after.names])].sort();
  const some = all.filter((name) => mayDiffer(before, after, name));
  const isExact = () => before.isWhole() && after.isWhole();
  // Behind the limit, no further document is worth the time.
  const changed = some.filter((name) => isExact() && isChanged(before, after, name));
  return isExact() ? { names: changed, isExact: true } : { names: some, isExact: false };
}

function mayDiffer(before: IamDocuments, after: IamDocuments, name: string): boolean {
  const [was, is] = [before.basisOf?.(name), after.basisOf?.(name)];
  return was === undefined || was !== is;
}

function isChanged(before: IamDocuments, after: IamDocuments, name: string): boolean {
  const isNew = !before.names.has(name) || !after.names.has(name);
  return isNew || before.statementsOf(name) !== after.statementsOf(name);
}

import { AspectPriority, Aspects, CfnResource, Stage } from "aws-cdk-lib";
import { Dependable, type IConstruct } from "constructs";
import { apiKeysOf } from "./apis.ts";
import { constructsOf } from "./stage-tree.ts";

/** Receives a resource of an API: the API itself, a method, route, stage or deployment. */
type Visit = (resource: CfnResource) => void;

interface Visitor {
  readonly api: IConstruct;
  readonly visit: Visit;
  readonly seen: WeakSet<CfnResource>;
}

/** The visits to the APIs of one CDK `Stage`. */
interface Visits {
  readonly add: (api: IConstruct, visit: Visit) => void;
}

const VISITS = new WeakMap<IConstruct, Visits>();

/**
 * Calls a function once with each resource of an API, whenever it is added and in whichever stack of the same CDK `Stage` it is.
 *
 * Aspects alone don't do that. Those of the app don't enter a nested `Stage`, and, unless the app has aspect stabilisation, none
 * visits a construct that an aspect adds to a part of the tree where it has been already.
 */
export function visitResourcesOf(api: IConstruct, visit: Visit): void {
  visitsOf(api).add(api, visit);
}

/** Prepares the visits to a construct's `Stage`. It is early enough in a constructor, also if an aspect attaches APIs later. */
export function prepareVisits(construct: IConstruct): void {
  visitsOf(construct);
}

function visitsOf(construct: IConstruct): Visits {
  // The app is a `Stage`, too.
  const stage = Stage.of(construct) ?? construct.node.root;
  const known = VISITS.get(stage);
  if (known !== undefined) return known;
  const visits = createVisits(stage);
  VISITS.set(stage, visits);
  return visits;
}

function createVisits(stage: IConstruct): Visits {
  const added: Visitor[] = [];
  const byKey = new Map<string, Visitor[]>();
  const find = (resource: CfnResource) => {
    // The id of an API is resolved here, since it may change until the first visit.
    for (const visitor of added.splice(0))
      for (const key of apiKeysOf(visitor.api)) byKey.set(key, [...(byKey.get(key) ?? []), visitor]);
    const found = apiKeysOf(resource).flatMap((key) => byKey.get(key) ?? []);
    return found.filter(({ seen }) => !seen.has(resource));
  };
  const visit = (node: IConstruct) => {
    if (!CfnResource.isCfnResource(node)) return;
    for (const visitor of find(node)) {
      // An override may make a resource one of the same API twice.
      if (visitor.seen.has(node)) continue;
      visitor.seen.add(node);
      visitor.visit(node);
    }
  };
  // Aspects that check what is synthesized, such as those of cdk-nag, come later in the order of priorities.
  Aspects.of(stage).add({ visit }, { priority: AspectPriority.MUTATING });
  const afterAspects = {};
  Dependable.implement(afterAspects, {
    // The CDK asks each construct for its dependencies after all aspects, and before it resolves references between stacks.
    get dependencyRoots() {
      for (const node of constructsOf(stage)) visit(node);
      return [];
    },
  });
  stage.node.addDependency(afterAspects);
  stage.node.addValidation({
    validate: () =>
      [...constructsOf(stage)]
        .filter((node) => CfnResource.isCfnResource(node))
        .filter((node) => find(node).length > 0)
        .map(
          ({ node }) =>
            `PolicyAuthorizer: ${node.path} was added after all aspects, too late for an authorizer; add it earlier`,
        ),
  });
  return { add: (api, visit) => added.push({ api, visit, seen: new WeakSet() }) };
}

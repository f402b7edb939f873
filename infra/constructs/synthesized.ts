import { join } from "node:path";
import { CfnElement, type NestedStack, Stack, type Stage } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import { groupBy } from "../../contract/group-by.ts";
import type { Assembly } from "../../gate/assembly.ts";
import { constructsOf } from "./stage-tree.ts";

/**
 * Describes what the CDK has written for a `Stage`, from its tree of constructs: the manifest is written at the very end.
 *
 * Each stack of the tree is in it, so that a template which is missing is noticed.
 */
export function toAssembly(stage: Stage): Assembly {
  const { outdir: folder } = stage;
  const nodes = [...constructsOf(stage)];
  const stacks = nodes.filter(Stack.isStack);
  const pathOf = ({ templateFile }: Stack) => join(folder, templateFile);
  const byPath = groupBy(stacks, pathOf);
  let elements: ReadonlyMap<Stack, readonly IConstruct[]> | undefined;
  const nested = stacks.filter((stack) => stack.nestedStackParent !== undefined);
  return {
    folder,
    stages: [],
    stacks: stacks
      .filter((stack) => stack.nestedStackParent === undefined)
      .map((stack) => ({ templatePath: pathOf(stack), stackName: stack.stackName })),
    locateAsset(address) {
      const found = nested.find((stack) => addressOf(stack) === address);
      return found && pathOf(found);
    },
    readPaths(templatePath) {
      elements ??= groupBy(nodes.filter(CfnElement.isCfnElement), (node) => Stack.of(node));
      const own = (byPath.get(templatePath) ?? []).flatMap((stack) => elements?.get(stack) ?? []);
      return new Map(own.filter(CfnElement.isCfnElement).map((node) => [logicalIdOf(node), node.node.path]));
    },
  };
}

/** Formats the address of a nested stack's template as the template of its parent writes it. */
function addressOf({ nestedStackResource }: Stack | NestedStack): string {
  const url: unknown = Object(nestedStackResource).templateUrl;
  return nestedStackResource === undefined ? "" : JSON.stringify(Stack.of(nestedStackResource).resolve(url));
}

function logicalIdOf(element: CfnElement): string {
  return Stack.of(element).resolve(element.logicalId);
}

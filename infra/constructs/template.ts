import { CfnResource, Reference, Stack, Tokenization } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

/** Resolves the properties of a resource as its template will have them, with overrides. Their names begin with a capital. */
export function templateOf(resource: CfnResource): Readonly<Record<string, unknown>> {
  const { Resources } = Stack.of(resource).resolve(resource._toCloudFormation());
  const [own] = Object.values(Object(Resources));
  return Object(Object(own).Properties);
}

/** Lists all resources of one type in an app, whatever the classes of their constructs are. */
export function resourcesOf(construct: IConstruct, type: string): readonly CfnResource[] {
  return construct.node.root.node
    .findAll()
    .filter((node) => CfnResource.isCfnResource(node))
    .filter(({ cfnResourceType }) => cfnResourceType === type);
}

/**
 * Tells whether two values name the same resource.
 *
 * References are compared by their targets, since two stacks may use the same logical id. Other values are compared by what
 * they resolve to in the stack of `construct`.
 */
export function isSame(construct: IConstruct, one: unknown, other: unknown): boolean {
  const [first, second] = [targetOf(one), targetOf(other)];
  if (first !== undefined && second !== undefined) return first === second;
  const stack = Stack.of(construct);
  const target = first ?? second;
  const [text, otherText] = [one, other].map((value) => JSON.stringify(stack.resolve(value)));
  if (text === undefined || text !== otherText) return false;
  // A reference to another stack may resolve to the same text as a logical id of this stack.
  return target === undefined || Stack.of(target) === stack || !isAsIn(Stack.of(target), text, first ? one : other);
}

function isAsIn(stack: Stack, text: string, reference: unknown): boolean {
  return JSON.stringify(stack.resolve(reference)) === text;
}

function targetOf(value: unknown): IConstruct | undefined {
  const token = Tokenization.isResolvable(value)
    ? value
    : typeof value === "string"
      ? Tokenization.reverseString(value).firstToken
      : undefined;
  const isWhole = typeof value !== "string" || Tokenization.reverseString(value).length === 1;
  return isWhole && token !== undefined && Reference.isReference(token) ? token.target : undefined;
}

import { CfnResource, Reference, Stack, Tokenization } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

/** The properties of a resource as its template will have them, overrides included. Names begin with a capital. */
export function templateOf(resource: CfnResource): Readonly<Record<string, unknown>> {
  const { Resources } = Stack.of(resource).resolve(resource._toCloudFormation());
  const [own] = Object.values(Object(Resources));
  return Object(Object(own).Properties);
}

/** All resources of an app of one type, whatever class they were made with. */
export function resourcesOf(construct: IConstruct, type: string): readonly CfnResource[] {
  return construct.node.root.node
    .findAll()
    .filter((node) => CfnResource.isCfnResource(node))
    .filter(({ cfnResourceType }) => cfnResourceType === type);
}

/**
 * Whether two values name the same resource.
 *
 * References are told apart by what they point at, since two stacks may call theirs alike; all else by what it resolves
 * to in the stack of `construct`.
 */
export function isSame(construct: IConstruct, one: unknown, other: unknown): boolean {
  const [first, second] = [targetOf(one), targetOf(other)];
  if (first !== undefined && second !== undefined) return first === second;
  const stack = Stack.of(construct);
  const target = first ?? second;
  const [text, otherText] = [one, other].map((value) => JSON.stringify(stack.resolve(value)));
  if (text === undefined || text !== otherText) return false;
  // A reference that this stack does not have looks like one of its own.
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

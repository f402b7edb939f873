import { CfnResource, Reference, Stack, Token, Tokenization } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

/** Resolves the properties of a resource as its template will have them, with overrides. Their names begin with a capital. */
export function templateOf(resource: CfnResource): Readonly<Record<string, unknown>> {
  const { Resources } = Stack.of(resource).resolve(resource._toCloudFormation());
  const [own] = Object.values(Object(Resources));
  return Object(Object(own).Properties);
}

/**
 * Reads one property of a resource as its template will have it. Where no override changes the resource, it resolves that
 * property alone.
 *
 * @param name - The name in the template, such as `AuthorizationType`.
 */
export function readProperty(resource: CfnResource, name: string): unknown {
  const value = readReference(resource, name);
  return Token.isUnresolved(value) ? Stack.of(resource).resolve(value) : value;
}

/** Reads one property of a resource without resolving it, so that {@link keyOf} finds the target of a reference. */
export function readReference(resource: CfnResource, name: string): unknown {
  return isTyped(resource, name) ? Object(resource)[toFieldName(name)] : templateOf(resource)[name];
}

/** Sets a property of a resource, which may be a plain `CfnResource` without a field for it. Overrides of the app win. */
export function writeProperty(resource: CfnResource, name: string, value: string): void {
  if (toFieldName(name) in resource) Object.assign(resource, { [toFieldName(name)]: value });
  else resource.addPropertyOverride(name, value);
}

/** Tells whether a field of the resource's class has the value that the template will have. An override may change the template. */
function isTyped(resource: CfnResource, name: string): boolean {
  const { rawOverrides } = Object(resource);
  return (
    toFieldName(name) in resource && typeof rawOverrides === "object" && Object.keys(Object(rawOverrides)).length === 0
  );
}

function toFieldName(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/** Formats the value of a property for a message. */
export function formatValue(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
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
 * @param construct - The construct whose stack gives values that are not references their meaning.
 */
export function isSame(construct: IConstruct, one: unknown, other: unknown): boolean {
  return one !== undefined && other !== undefined && keyOf(construct, one) === keyOf(construct, other);
}

/** The keys of references, which mean the same in all stacks. A method's reference to its API is one string for all methods. */
const KEYS = new WeakMap<IConstruct, Map<unknown, string>>();

/**
 * Formats a value that names a resource so that two values have the same text if, and only if, they name the same resource.
 *
 * A reference is resolved in the stack of its target, any other value in the stack of the construct that has it: two stacks may
 * use the same logical id.
 */
export function keyOf(construct: IConstruct, value: unknown): string {
  const target = targetOf(value);
  const known = target && KEYS.get(target)?.get(value);
  if (known !== undefined) return known;
  const stack = Stack.of(target ?? construct);
  const text = JSON.stringify(stack.resolve(value)) ?? "";
  const key = LOCAL.test(text) ? `${stack.node.addr} ${text}` : text;
  if (target !== undefined) {
    const keys = KEYS.get(target) ?? new Map<unknown, string>();
    KEYS.set(target, keys.set(value, key));
  }
  return key;
}

/** Matches values that mean another resource in another stack. An imported value or a literal id means the same in all. */
const LOCAL = /"(Ref|Fn::GetAtt|Fn::Sub|Fn::FindInMap|Fn::If)":/;

/** Finds the construct that a value refers to as a whole; undefined if it is not a reference. */
export function targetOf(value: unknown): IConstruct | undefined {
  const token = Tokenization.isResolvable(value)
    ? value
    : typeof value === "string"
      ? Tokenization.reverseString(value).firstToken
      : undefined;
  const isWhole = typeof value !== "string" || Tokenization.reverseString(value).length === 1;
  return isWhole && token !== undefined && Reference.isReference(token) ? token.target : undefined;
}

import { isObject, isText } from "../contract/json.ts";
import type { Place } from "./finding.ts";
import type { Unreadable } from "./model.ts";

/** A resource as its template has it. */
export interface RawResource {
  readonly id: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly condition: string | undefined;
  readonly dependsOn: readonly string[];
}

/** One use of a template: a stack, or a nested stack. */
export interface Scope {
  readonly id: string;
  /** The file, as messages name it. */
  readonly file: string;
  /** The absolute path of the file. */
  readonly path: string;
  readonly template: Readonly<Record<string, unknown>>;
  readonly resources: ReadonlyMap<string, RawResource>;
  /** The name of the stack; undefined if it is not known. */
  readonly stackName: string | undefined;
  /** The folder of the assembly, whose stacks may have the same names as those of another one. */
  readonly assembly: string;
  /** The scope that nests this one, and the parameters that it gives it. */
  readonly nestedIn: { readonly scope: Scope; readonly parameters: Readonly<Record<string, unknown>> } | undefined;
  /** The nested stacks, by their logical ids. */
  readonly nested: Map<string, Scope>;
  /** The paths of constructs by logical id, from the assembly; read when a message needs one. */
  readonly pathsOfConstructs: () => ReadonlyMap<string, string>;
}

/** Everything that was read. */
export interface World {
  readonly scopes: readonly Scope[];
  readonly unreadable: readonly Unreadable[];
}

/** Formats the place of a resource. */
export function toPlace(scope: Scope, id: string): Place {
  const shown = scope.resources.get(id)?.metadata["aws:cdk:path"];
  return { file: scope.file, id, path: isText(shown) ? shown : scope.pathsOfConstructs().get(id) };
}

/** Reads the resources of a template; gives the logical ids of those that are not resources. */
export function readResources(template: Readonly<Record<string, unknown>>): {
  readonly resources: ReadonlyMap<string, RawResource>;
  readonly refused: readonly string[];
} {
  const resources = new Map<string, RawResource>();
  const refused: string[] = [];
  const { Resources: raw } = template;
  for (const [id, resource] of Object.entries(isObject(raw) ? raw : {})) {
    const isWhole = isObject(resource) && isText(resource["Type"]) && !Object.hasOwn(resource, "Fn::Transform");
    const properties = isObject(resource) ? (resource["Properties"] ?? {}) : undefined;
    if (!isWhole || !isObject(properties)) {
      refused.push(id);
      continue;
    }
    const { Type, Metadata, Condition, DependsOn } = resource;
    resources.set(id, {
      id,
      type: isText(Type) ? Type : "",
      properties,
      metadata: isObject(Metadata) ? Metadata : {},
      condition: isText(Condition) ? Condition : undefined,
      dependsOn: [DependsOn ?? []].flat().filter(isText),
    });
  }
  return { resources, refused };
}

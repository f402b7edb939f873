import { isObject } from "../../contract/json.ts";

/** A resource of a synthesized template. */
export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

/** A synthesized template, as far as the model reads it. */
export interface Template {
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown; readonly Export?: { readonly Name: string } }>>;
}

/** Finds the value of a `Ref` (without an attribute) or a `Fn::GetAtt`. */
type Look = (name: string, attribute: string | undefined) => unknown;

/** The intrinsic functions that the model evaluates; any other throws, so that nothing is passed over. */
export function resolve(value: unknown, look: Look, importOf: (name: string) => unknown): unknown {
  const again = (part: unknown) => resolve(part, look, importOf);
  if (Array.isArray(value)) return value.map(again);
  if (!isObject(value)) return value;
  const [[name = "", argument] = []] = Object.entries(value);
  if (Object.keys(value).length !== 1 || !/^(Ref$|Fn::)/.test(name)) {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, again(part)]));
  }
  switch (name) {
    case "Ref":
      return look(String(argument), undefined);
    case "Fn::GetAtt": {
      const [resource, attribute] = Array.isArray(argument) ? argument : String(argument).split(".");
      return look(String(resource), String(attribute));
    }
    case "Fn::Join": {
      const [separator, parts] = argument as [string, readonly unknown[]];
      return parts.map(again).join(separator);
    }
    case "Fn::Select": {
      const [at, list] = argument as [unknown, unknown];
      return (again(list) as readonly unknown[])[Number(at)];
    }
    case "Fn::Split": {
      const [separator, text] = argument as [string, unknown];
      return String(again(text)).split(separator);
    }
    case "Fn::Sub":
      return String(Array.isArray(argument) ? argument[0] : argument).replaceAll(
        /\$\{([\w:.]+)\}/g,
        (_, key: string) => {
          const [resource = "", attribute] = key.startsWith("AWS::") ? [key] : key.split(".");
          return String(look(resource, attribute));
        },
      );
    case "Fn::ImportValue":
      return importOf(String(again(argument)));
    default:
      throw new Error(`the model can't evaluate ${name}`);
  }
}

/** Lists the resources that each resource of a template refers to. */
function toEdges({ Resources }: Template): ReadonlyMap<string, ReadonlySet<string>> {
  return new Map(
    Object.entries(Resources).map(([id, { Properties, DependsOn = [] }]) => {
      const found = new Set([DependsOn].flat());
      const look: Look = (name) => {
        if (Object.hasOwn(Resources, name)) found.add(name);
        return "";
      };
      // Lists that are split or selected from are not known yet, so the walk only gathers references.
      walk(Properties, look);
      return [id, found];
    }),
  );
}

function walk(value: unknown, look: Look): void {
  if (Array.isArray(value)) for (const part of value) walk(part, look);
  if (!isObject(value)) return;
  for (const [name, part] of Object.entries(value)) {
    if (name === "Ref" || name === "Fn::GetAtt" || name === "Fn::Sub") resolve({ [name]: part }, look, () => "");
    walk(part, look);
  }
}

/**
 * Sorts the resources of a template so that each comes after those it refers to. CloudFormation runs in parallel what does not depend
 * on each other, so every such order can happen.
 *
 * @param pick - Chooses one of `count` resources that could come next.
 */
export function sortByDependency(template: Template, pick: (count: number) => number): readonly string[] {
  const edges = toEdges(template);
  const sorted = new Set<string>();
  while (sorted.size < edges.size) {
    const ready = [...edges]
      .filter(([id, needed]) => !sorted.has(id) && [...needed].every((one) => one === id || sorted.has(one)))
      .map(([id]) => id);
    const next = ready[pick(ready.length)];
    if (next === undefined) throw new Error("the template has a circle");
    sorted.add(next);
  }
  return [...sorted];
}

import { isObject, isText, isTexts } from "../contract/json.ts";
import { formatReference } from "./references.ts";

/** A resource that a plan makes or keeps. */
export interface PlannedResource {
  readonly key: string;
  readonly address: string;
  readonly type: string;
  /** `TYPE.NAME`, without an index. */
  readonly base: string;
  /** The index of `count` or `for_each`, as the address writes it. */
  readonly index: string;
  readonly module: Module;
  readonly values: Readonly<Record<string, unknown>>;
  /** The values that are known after the apply only: `true`, or a map of such. */
  readonly unknown: Readonly<Record<string, unknown>>;
  readonly expressions: Readonly<Record<string, unknown>>;
}

/** One use of a module. */
interface Module {
  /** `module.a["k"]`; empty for the root. */
  readonly address: string;
  readonly parent: Module | undefined;
  readonly configuration: Readonly<Record<string, unknown>>;
  /** The expressions that the parent gives to its variables. */
  readonly given: Readonly<Record<string, unknown>>;
}

/** A reference of an expression to a resource, or to something that the plan does not show, such as a local value. */
export interface Leaf {
  readonly text: string;
  readonly base: string;
  readonly index: string;
  readonly attribute: string;
  readonly module: Module;
}

/** The resources of a plan, and where their expressions lead. */
export interface PlannedResources {
  readonly resources: readonly PlannedResource[];
  /** Lists what an expression refers to, through variables and outputs of modules. */
  readonly leavesOf: (resource: PlannedResource, attribute: string) => readonly Leaf[];
  /** Finds the resources of a leaf: one, or all of a `count` or `for_each` if the index is not written out. */
  readonly find: (leaf: Leaf) => readonly PlannedResource[];
}

/** More modules than anybody nests. */
const MAX_DEPTH = 50;

/**
 * Reads the resources of a plan.
 *
 * @see Terraform, "JSON Output Format": "Plan Representation" and "Configuration Representation"
 */
export function readPlannedResources(scope: string, plan: Readonly<Record<string, unknown>>): PlannedResources {
  const unknownOf = new Map(
    [plan["resource_changes"] ?? []].flat().map((one) => {
      const { address, change } = Object(one);
      return [String(address), Object(Object(change).after_unknown)] as const;
    }),
  );
  const resources: PlannedResource[] = [];
  const children = new Map<Module, Module[]>();
  const root: Module = {
    address: "",
    parent: undefined,
    configuration: Object(Object(plan["configuration"]).root_module),
    given: {},
  };
  addModule(Object(Object(plan["planned_values"]).root_module), root);
  const byBase = new Map<string, PlannedResource[]>();
  for (const resource of resources) {
    const name = `${resource.module.address} ${resource.base}`;
    byBase.set(name, [...(byBase.get(name) ?? []), resource]);
  }

  function addModule(planned: Readonly<Record<string, unknown>>, module: Module): void {
    const configured = new Map(
      [module.configuration["resources"] ?? []].flat().map((one) => [String(Object(one).address), Object(one)]),
    );
    for (const one of [planned["resources"] ?? []].flat()) {
      const { address, mode, type, name, values } = Object(one);
      if (mode !== "managed" || !isText(address) || !isText(type)) continue;
      const base = `${type}.${name}`;
      const local = module.address === "" ? address : address.slice(module.address.length + 1);
      resources.push({
        key: formatReference(scope, address),
        address,
        type,
        base,
        index: local.slice(base.length),
        module,
        values: isObject(values) ? values : {},
        unknown: unknownOf.get(address) ?? {},
        expressions: Object(configured.get(base)?.expressions),
      });
    }
    for (const one of [planned["child_modules"] ?? []].flat()) {
      const { address } = Object(one);
      if (!isText(address)) continue;
      const local = module.address === "" ? address : address.slice(module.address.length + 1);
      const name = /^module\.([\w-]+)/.exec(local)?.[1] ?? "";
      const call = Object(Object(module.configuration["module_calls"])[name]);
      const child: Module = {
        address,
        parent: module,
        configuration: Object(call.module),
        given: Object(call.expressions),
      };
      children.set(module, [...(children.get(module) ?? []), child]);
      addModule(Object(one), child);
    }
  }

  const follow = (expression: unknown, module: Module, depth = 0): readonly Leaf[] => {
    const all = referencesOf(expression);
    // Each reference is followed by its own beginnings.
    const written = all.filter((text) => !/^(module|data)\.[^.]+$/.test(text));
    return written.flatMap((text): readonly Leaf[] => {
      const [, base = text, index = "", attribute = ""] =
        /^([\w-]+\.[\w-]+)(\[[^\]]*\])?(?:\.(.*))?$/s.exec(text) ?? [];
      const [kind = "", name = ""] = base.split(".");
      if (depth < MAX_DEPTH && kind === "var" && module.parent !== undefined)
        return follow(module.given[name], module.parent, depth + 1);
      if (depth < MAX_DEPTH && kind === "module") {
        const [output = ""] = attribute.split(/[.[]/);
        return (children.get(module) ?? [])
          .filter(({ address }) => isModule(address, module, name, index))
          .flatMap((child) =>
            follow(Object(Object(child.configuration["outputs"])[output]).expression, child, depth + 1),
          );
      }
      return [{ text, base, index, attribute, module }];
    });
  };

  return {
    resources,
    leavesOf: ({ expressions, module }, attribute) => follow(expressions[attribute], module),
    find({ base, index, module }) {
      const all = byBase.get(`${module.address} ${base}`) ?? [];
      const exact = index === "" ? [] : all.filter((one) => one.index === index);
      return exact.length > 0 ? exact : all;
    },
  };
}

function isModule(address: string, parent: Module, name: string, index: string): boolean {
  const own = `${parent.address === "" ? "" : `${parent.address}.`}module.${name}`;
  return address === own + index || (index === "" && address.startsWith(`${own}[`));
}

/** Lists the references of an expression, at any depth of its blocks. */
function referencesOf(expression: unknown): readonly string[] {
  if (Array.isArray(expression)) return expression.flatMap(referencesOf);
  if (!isObject(expression)) return [];
  const { references, ...others } = expression;
  return [...(isTexts(references) ? references : []), ...Object.values(others).flatMap(referencesOf)];
}

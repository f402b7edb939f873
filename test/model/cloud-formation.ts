import type { Cloud } from "./cloud.ts";
import type { Physical, Properties } from "./resource-type.ts";
import { callsOf } from "./resources.ts";
import { resolve, sortByDependency, type Template, type TemplateResource } from "./template.ts";

/** A stack: its template, and the resource that each logical id stands for. */
export interface Stack {
  template: Template;
  readonly physicals: Map<string, Physical>;
  /** The messages of what has failed, which an operator would see. */
  readonly failures: string[];
}

/** The circumstances of a deployment. */
export interface DeployOptions {
  /** The folder of the synthesized app, with the code of its functions. */
  readonly assets: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Chooses one of `count` resources that could come next. */
  readonly pick: (count: number) => number;
  /** The number of calls after which the next one fails. */
  readonly failsAfter?: number;
  /** The order in which a rollback takes changes back, which AWS does not document. Default: `reverse`. */
  readonly rollback?: "reverse" | "forward";
  /** With `stay`, a failed deployment stays as it is, as with `--no-rollback` or a rollback that fails. Default: `rollback`. */
  readonly onFailure?: "rollback" | "stay";
}

export function createStack(): Stack {
  return { template: { Resources: {} }, physicals: new Map(), failures: [] };
}

interface Change {
  readonly id: string;
  readonly resource: TemplateResource;
  /** Undefined for a resource that was created. */
  readonly before: Physical | undefined;
  readonly after: Physical;
}

/**
 * Deploys a template as CloudFormation does: it creates and changes resources in the order of their dependencies, and deletes what
 * was removed or replaced when all of them have succeeded. If a call fails, it takes all changes back, and then deletes what it has created.
 *
 * @returns A generator that stops after each call; its value tells how the deployment ended.
 * @see CloudFormation user guide, "Update behaviors of stack resources" and "DeletionPolicy attribute"
 */
export function* deploy(cloud: Cloud, stack: Stack, template: Template, options: DeployOptions) {
  const { pick, failsAfter = Number.POSITIVE_INFINITY, onFailure = "rollback", assets } = options;
  const previous = stack.template;
  const changes: Change[] = [];
  let calls = 0;
  const call = <Value>(run: () => Value): Value => {
    if (calls === failsAfter) throw new Error("a call was made to fail");
    calls += 1;
    return run();
  };
  try {
    for (const id of sortByDependency(template, pick)) {
      const resource = template.Resources[id];
      if (resource === undefined) continue;
      const properties = resolveProperties(cloud, stack, resource, options.parameters);
      const before = stack.physicals.get(id);
      const { create, update, replacedBy } = callsOf(resource.Type);
      const isReplaced = before && replacedBy.some((name) => !isSame(before.properties[name], properties[name]));
      if (before === undefined || isReplaced) {
        const after = { type: resource.Type, properties, ...call(() => create(cloud, properties, assets)) };
        stack.physicals.set(id, after);
        changes.push({ id, resource, before, after });
        yield `${before === undefined ? "create" : "replace"} ${resource.Type} ${id}`;
      } else if (!isSame(before.properties, properties)) {
        const after = { ...before, properties };
        changes.push({ id, resource, before, after });
        for (const run of update(cloud, before, properties, assets)) {
          call(run);
          yield `update ${resource.Type} ${id}`;
        }
        stack.physicals.set(id, after);
      }
    }
  } catch (error) {
    stack.failures.push(String(error));
    if (onFailure === "stay") {
      // CloudFormation goes on to know the resources of both templates.
      stack.template = { Resources: { ...previous.Resources, ...template.Resources } };
      return "failed" as const;
    }
    yield* takeBack(cloud, stack, changes, options);
    return "rolled back" as const;
  }
  stack.template = template;
  for (const { Value, Export } of Object.values(template.Outputs ?? {})) {
    if (Export !== undefined) cloud.exports.set(Export.Name, resolveIn(cloud, stack, Value, options.parameters));
  }
  const replaced = changes.flatMap(({ before, after, resource }) =>
    before !== undefined && before.ref !== after.ref && !isRetained(resource.UpdateReplacePolicy, false)
      ? [before]
      : [],
  );
  const gone = sortByDependency(previous, () => 0).filter((id) => template.Resources[id] === undefined);
  const removed = gone.flatMap((id) => {
    const physical = stack.physicals.get(id);
    stack.physicals.delete(id);
    return physical === undefined || isRetained(previous.Resources[id]?.DeletionPolicy, false) ? [] : [physical];
  });
  yield* removeAll(cloud, stack, [...removed, ...replaced].reverse());
  return "complete" as const;
}

function* takeBack(
  cloud: Cloud,
  stack: Stack,
  changes: readonly Change[],
  { rollback = "reverse", assets }: DeployOptions,
): Generator<string> {
  const created: Physical[] = [];
  for (const { id, resource, before, after } of rollback === "reverse" ? changes.toReversed() : changes) {
    if (before === undefined || before.ref !== after.ref) {
      if (!isRetained(before === undefined ? resource.DeletionPolicy : resource.UpdateReplacePolicy, true))
        created.push(after);
      if (before === undefined) stack.physicals.delete(id);
      else stack.physicals.set(id, before);
      continue;
    }
    for (const run of callsOf(before.type).update(cloud, after, before.properties, assets)) {
      run();
      yield `take back ${before.type} ${id}`;
    }
    stack.physicals.set(id, before);
  }
  yield* removeAll(cloud, stack, rollback === "reverse" ? created : created.reverse());
}

/** Deletes resources, each after those that refer to it. A deletion that fails is left out, as in CloudFormation's clean-up. */
function* removeAll(cloud: Cloud, stack: Stack, physicals: readonly Physical[]): Generator<string> {
  for (const physical of physicals) {
    try {
      callsOf(physical.type).remove(cloud, physical);
      yield `delete ${physical.type} ${physical.ref}`;
    } catch (error) {
      stack.failures.push(`clean-up: ${physical.type}: ${String(error)}`);
    }
  }
}

function isRetained(policy: string | undefined, isNew: boolean): boolean {
  return policy === "Retain" || (policy === "RetainExceptOnCreate" && !isNew);
}

const PSEUDO: Readonly<Record<string, string>> = {
  "AWS::Partition": "aws",
  "AWS::Region": "eu-west-1",
  "AWS::AccountId": "123456789012",
  "AWS::URLSuffix": "amazonaws.com",
  "AWS::StackName": "stack",
};

function resolveProperties(
  cloud: Cloud,
  stack: Stack,
  { Properties = {} }: TemplateResource,
  parameters: DeployOptions["parameters"],
): Properties {
  return resolveIn(cloud, stack, Properties, parameters) as Properties;
}

function resolveIn(cloud: Cloud, stack: Stack, value: unknown, parameters: DeployOptions["parameters"] = {}): unknown {
  const look = (name: string, attribute: string | undefined) => {
    if (Object.hasOwn(PSEUDO, name)) return PSEUDO[name];
    if (Object.hasOwn(parameters, name)) return parameters[name];
    const physical = stack.physicals.get(name);
    if (physical === undefined) throw new Error(`there is no resource ${name}`);
    return attribute === undefined ? physical.ref : (physical.attributes[attribute] ?? `${physical.ref}.${attribute}`);
  };
  return resolve(value, look, (name) => {
    if (!cloud.exports.has(name)) throw new Error(`No export named ${name} found`);
    return cloud.exports.get(name);
  });
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

import { readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { isObject, isText } from "../contract/json.ts";
import { type Assembly, listAssemblies, readAssembly } from "./assembly.ts";
import { withLocalIncludes } from "./local-includes.ts";
import type { Unreadable } from "./model.ts";
import { parseTemplate } from "./read-template.ts";
import { type RawResource, readResources, type Scope, type World } from "./scope.ts";

/** A template or plan, and where it comes from. */
interface Source {
  readonly path: string;
  readonly stackName: string | undefined;
  readonly assembly: Assembly | undefined;
}

/** The content of files: stacks with their nested stacks, and plans of Terraform. */
export interface Read extends World {
  readonly plans: readonly Plan[];
}

/** A plan of Terraform. */
export interface Plan {
  readonly file: string;
  readonly content: Readonly<Record<string, unknown>>;
}

/**
 * Reads templates, assemblies of the CDK and plans of Terraform, and the templates that they name.
 *
 * @param sources - Files, folders that are assemblies, or assemblies whose manifest is not written yet.
 */
export function readWorld(sources: readonly (string | Assembly)[], folder = process.cwd()): Read {
  const scopes: Scope[] = [];
  const plans: Plan[] = [];
  const unreadable: Unreadable[] = [];
  const nestedPaths = new Set<string>();
  const show = (path: string) => relative(folder, path) || path;
  const refuse = (path: string, id: string, cause: string, advice: string) =>
    unreadable.push({ place: { file: show(path), id }, cause, advice });

  const listed = sources.flatMap((one) =>
    typeof one === "string" ? listSources(resolve(folder, one), refuse) : toSources(one),
  );
  for (const source of listed) readOne(source, undefined);
  // A template that is named by itself and nested in another one is judged where it is nested, with its parameters.
  const isKept = (scope: Scope) => scope.nestedIn !== undefined || !nestedPaths.has(scope.path);
  const kept = scopes.filter((scope) => isKept(rootOf(scope)));
  return { scopes: kept, plans, unreadable };

  function readOne(source: Source, nestedIn: Scope["nestedIn"]): Scope | undefined {
    const { path } = source;
    const text = readText(path);
    if (text === undefined) {
      refuse(path, "", "the file can't be read", "synthesize or build again, and name files that exist");
      return undefined;
    }
    const parsed = parseTemplate(text);
    if (!parsed.ok) {
      refuse(path, "", parsed.error, NOT_A_TEMPLATE);
      return undefined;
    }
    // A stack of the CDK that has no resource, such as one for outputs, has no Resources.
    const own = source.assembly === undefined ? parsed.value : { Resources: {}, ...parsed.value };
    // Copying a template costs time, and few have includes.
    const included = text.includes("AWS::Include") ? withLocalIncludes(own, dirname(path)) : own;
    const template = isObject(included) ? included : own;
    if (nestedIn === undefined && isPlan(template)) {
      plans.push({ file: show(path), content: template });
      return undefined;
    }
    if (!isObject(template["Resources"])) {
      refuse(path, "", describeOther(template), NOT_A_TEMPLATE);
      return undefined;
    }
    return readScope(source, template, nestedIn);
  }

  function readScope(source: Source, template: Readonly<Record<string, unknown>>, nestedIn: Scope["nestedIn"]): Scope {
    const { path, assembly } = source;
    const { resources, refused } = readResources(template);
    let paths: ReadonlyMap<string, string> | undefined;
    const scope: Scope = {
      id: `s${scopes.length}`,
      file: show(path),
      path,
      template,
      resources,
      stackName: source.stackName,
      assembly: assembly?.folder ?? dirname(path),
      nestedIn,
      nested: new Map(),
      pathsOfConstructs: () => {
        paths ??= assembly?.readPaths(path) ?? new Map();
        return paths;
      },
    };
    scopes.push(scope);
    for (const id of refused)
      refuse(path, id, "what this entry of Resources stands for is not visible in the template", NO_TRANSFORM);
    for (const resource of resources.values()) {
      if (!NESTING.has(resource.type)) continue;
      readNested(scope, resource, source);
    }
    return scope;
  }

  function readNested(scope: Scope, resource: RawResource, { assembly }: Source): void {
    const found = locateNested(scope, resource, assembly);
    if (found !== undefined && ancestorsOf(scope).some(({ path }) => path === found)) {
      const cause = `the nested stack ${resource.id} has the template that it is in, and so nests itself without end`;
      refuse(scope.path, resource.id, cause, "name another template");
      return;
    }
    if (found === undefined) {
      const cause = `the template of the nested stack ${resource.id} is not a file here, so its methods are not visible`;
      refuse(scope.path, resource.id, cause, "name its local file in TemplateURL or Location, as before packaging");
      return;
    }
    nestedPaths.add(found);
    const { Parameters: given } = resource.properties;
    const parameters = isObject(given) ? given : {};
    const nested = readOne({ path: found, stackName: undefined, assembly }, { scope, parameters });
    if (nested !== undefined) scope.nested.set(resource.id, nested);
  }
}

const NOT_A_TEMPLATE =
  "name templates of CloudFormation or AWS SAM, folders that cdk synth wrote, or plans that terraform show -json printed";

const NO_TRANSFORM = "write the resource out, without Fn::Transform or Fn::ForEach";

/** The types that nest another template. */
const NESTING = new Set(["AWS::CloudFormation::Stack", "AWS::Serverless::Application"]);

function isPlan(content: Readonly<Record<string, unknown>>): boolean {
  return Object.hasOwn(content, "terraform_version") || Object.hasOwn(content, "planned_values");
}

function describeOther(content: Readonly<Record<string, unknown>>): string {
  const isDocument = Object.hasOwn(content, "openapi") || Object.hasOwn(content, "swagger");
  return isDocument ? "is an OpenAPI document, not a template" : "is not a template: it has no Resources";
}

function rootOf(scope: Scope): Scope {
  return scope.nestedIn === undefined ? scope : rootOf(scope.nestedIn.scope);
}

function ancestorsOf(scope: Scope): readonly Scope[] {
  return [scope, ...(scope.nestedIn === undefined ? [] : ancestorsOf(scope.nestedIn.scope))];
}

/** Reads a text. Shells of Windows write UTF-16 with a byte order mark. */
function readText(path: string): string | undefined {
  try {
    const bytes = readFileSync(path);
    const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
    return bytes.toString(isUtf16 ? "utf16le" : "utf8");
  } catch {
    return undefined;
  }
}

function listSources(
  path: string,
  refuse: (path: string, id: string, cause: string, advice: string) => void,
): readonly Source[] {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true)
    return [{ path, stackName: undefined, assembly: undefined }];
  return listAssemblies(path).flatMap((folder) => {
    const assembly = readAssembly(folder);
    if (!assembly.ok) {
      refuse(folder, "", assembly.error, "synthesize again, and name the folder cdk.out, or name the templates in it");
      return [];
    }
    return toSources(assembly.value);
  });
}

function toSources(assembly: Assembly): readonly Source[] {
  return assembly.stacks.map(({ templatePath, stackName }) => ({ path: templatePath, stackName, assembly }));
}

/** Finds the file of a nested stack's template. */
function locateNested(scope: Scope, resource: RawResource, assembly: Assembly | undefined): string | undefined {
  const asset = resource.metadata["aws:asset:path"];
  if (isText(asset)) return join(assembly?.folder ?? dirname(scope.path), asset);
  const { TemplateURL: url = resource.properties["Location"] } = resource.properties;
  const local = isText(url) && !/^(https?|s3):/i.test(url) ? join(dirname(scope.path), url) : undefined;
  return local ?? assembly?.locateAsset(JSON.stringify(url) ?? "");
}

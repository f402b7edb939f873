import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isObject, isText, parseJson } from "../contract/json.ts";
import { err, ok, type Result } from "../contract/result.ts";

/** A folder that the CDK synthesized: of the app, or of a `Stage` in it. */
export interface Assembly {
  readonly folder: string;
  readonly stacks: readonly { readonly templatePath: string; readonly stackName: string | undefined }[];
  /** The folders of the `Stage`s, which are assemblies themselves. */
  readonly stages: readonly string[];
  /** Finds the file of an asset by the address under which it will be uploaded, as the template writes it. */
  readonly locateAsset: (address: string) => string | undefined;
  /** Reads the paths of constructs by logical id, for one template. */
  readonly readPaths: (templatePath: string) => ReadonlyMap<string, string>;
}

/** Lists an assembly and those of its `Stage`s, at any depth. A folder that is in itself is listed once. */
export function listAssemblies(folder: string): readonly string[] {
  const listed = new Set<string>();
  const add = (one: string): void => {
    if (listed.has(one)) return;
    listed.add(one);
    const assembly = readAssembly(one);
    if (assembly.ok) assembly.value.stages.forEach(add);
  };
  add(folder);
  return [...listed];
}

/**
 * Reads the manifest of an assembly.
 *
 * @see Cloud assembly schema of the AWS CDK, `manifest.json`
 */
export function readAssembly(folder: string): Result<Assembly, string> {
  const manifest = readJson(join(folder, "manifest.json"));
  if (!isObject(manifest) || !isObject(manifest["artifacts"]))
    return err("the folder has no manifest.json of the CDK that can be read");
  const artifacts = Object.values(manifest["artifacts"]).filter(isObject);
  const ofType = (type: string) => artifacts.filter((artifact) => artifact["type"] === type);
  const propertyOf = (artifact: Readonly<Record<string, unknown>>, name: string) => {
    const value: unknown = Object(artifact["properties"])[name];
    return isText(value) ? value : undefined;
  };
  const stacks = Object.entries(manifest["artifacts"]).flatMap(([id, artifact]) => {
    if (!isObject(artifact) || artifact["type"] !== "aws:cloudformation:stack") return [];
    const templatePath = join(folder, propertyOf(artifact, "templateFile") ?? `${id} without templateFile`);
    return [{ templatePath, stackName: propertyOf(artifact, "stackName") ?? id, artifact }];
  });
  const assetFiles = ofType("cdk:asset-manifest").map((artifact) => join(folder, propertyOf(artifact, "file") ?? ""));
  let assets: ReadonlyMap<string, string> | undefined;
  return ok({
    folder,
    stacks,
    stages: ofType("cdk:cloud-assembly").map((artifact) =>
      join(folder, propertyOf(artifact, "directoryName") ?? "a Stage without directoryName"),
    ),
    locateAsset(address) {
      assets ??= readAssets(folder, assetFiles);
      return [...assets].find(([key]) => address.includes(`/${key}`))?.[1];
    },
    readPaths(templatePath) {
      const stack = stacks.find((one) => one.templatePath === templatePath);
      return stack === undefined ? new Map() : readPaths(folder, stack.artifact);
    },
  });
}

/** Reads the files of assets by the keys under which they will be in S3. */
function readAssets(folder: string, files: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    files.flatMap((file) =>
      Object.values(Object(Object(readJson(file)).files)).flatMap((asset) => {
        const { source, destinations } = Object(asset);
        const path: unknown = Object(source).path;
        const keys = Object.values(Object(destinations)).map((one) => Object(one).objectKey);
        return isText(path) ? keys.filter(isText).map((key) => [key, join(folder, path)] as const) : [];
      }),
    ),
  );
}

/** Reads the logical ids that the CDK wrote into a stack's metadata, which newer versions keep in a file of their own. */
function readPaths(folder: string, artifact: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  const { metadata, additionalMetadataFile } = artifact;
  const more = isText(additionalMetadataFile) ? readJson(join(folder, additionalMetadataFile)) : {};
  const entries = [...Object.entries(Object(metadata)), ...Object.entries(Object(more))];
  return new Map(
    entries.flatMap(([path, list]) =>
      [list].flat().flatMap((one) => {
        const { type, data } = Object(one);
        return type === "aws:cdk:logicalId" && isText(data) ? [[data, path.replace(/^\//, "")] as const] : [];
      }),
    ),
  );
}

function readJson(path: string): unknown {
  return existsSync(path) ? parseJson(readFileSync(path, "utf8")) : undefined;
}

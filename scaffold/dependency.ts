import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { PRODUCT_FOLDER } from "../build/product.ts";
import { isObject, isText, parseJson } from "../contract/json.ts";
import { PRODUCT_VERSION } from "../contract/product-version.ts";

/**
 * Reads how a company's `package.json` depends on this package: by its version, or by the tarball that it was installed from,
 * since such a version may not be in the registry.
 *
 * @param folder - The folder of this package.
 */
export async function readDependency(folder: string = PRODUCT_FOLDER): Promise<string> {
  // npm says there where each package of a `node_modules` came from.
  const text = await readFile(join(folder, "..", ".package-lock.json"), "utf8").catch(() => "");
  const lock = parseJson(text);
  const packages = isObject(lock) && isObject(lock["packages"]) ? lock["packages"] : {};
  const own = packages["node_modules/rego-authorizer"];
  const source = isObject(own) && isText(own["resolved"]) ? own["resolved"] : "";
  if (!source.startsWith("file:")) return PRODUCT_VERSION;
  return `file:${resolve(folder, "..", "..", source.slice("file:".length))}`;
}

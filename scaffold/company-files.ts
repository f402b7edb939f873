import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { PRODUCT_FOLDER } from "../build/product.ts";
import type { RouteDocument } from "../openapi/documented-routes.ts";
import { formatArea, formatAreaTest } from "./area-files.ts";
import { toAreas } from "./areas.ts";
import { readDependency } from "./dependency.ts";
import { toPackageFile } from "./package-file.ts";

/** The files of a company's repository: their texts, by their paths with forward slashes. */
export type CompanyFiles = Readonly<Record<string, string>>;

/** The files that the product ships for companies, in folders by when they are used. */
const TEMPLATES = join(PRODUCT_FOLDER, "templates");

/** The end of the name of a template whose real name npm or a tool of this repository would treat as its own. */
const ENDING = /\.template$/;

/** The facts that a repository is made from. */
interface CompanyOptions {
  /** The folder's name, for `package.json`. */
  readonly name: string;
  /** The API's document, whose routes become closed areas. Without it, the policy is a small one of documents. */
  readonly api?: RouteDocument | undefined;
}

/** Makes the files of a company's repository. */
export async function toCompanyFiles({ name, api }: CompanyOptions): Promise<CompanyFiles> {
  const files = {
    ...(await readTemplates("company")),
    ...(await readTemplates(api === undefined ? "documents" : "openapi")),
    ...(api !== undefined && toApiFiles(api)),
  };
  const dependency = await readDependency();
  const template = files["package.json"] ?? "";
  return { ...files, "package.json": toPackageFile(template, { name, dependency, hasApi: api !== undefined }) };
}

function toApiFiles({ text, routes }: RouteDocument): CompanyFiles {
  const areas = toAreas(routes).flatMap((area) => [
    [`policies/access/${area.name}.rego`, formatArea(area)] as const,
    [`policies/access/${area.name}_test.rego`, formatAreaTest(area)] as const,
  ]);
  // JSON is YAML, so the copy of either has one name.
  return { ...Object.fromEntries(areas), "openapi.yaml": text };
}

async function readTemplates(folder: string): Promise<CompanyFiles> {
  const root = join(TEMPLATES, folder);
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(async ({ parentPath, name }) => {
      const path = join(parentPath, name);
      const file = relative(root, path).replaceAll("\\", "/").replace(ENDING, "");
      return [file, await readFile(path, "utf8")] as const;
    });
  return Object.fromEntries(await Promise.all(files));
}

/** The facts that `package.json` has about a company's repository. */
interface PackageFacts {
  /** The folder's name. */
  readonly name: string;
  /** The version of the product, or where else it is from. */
  readonly dependency: string;
  /** Whether `openapi.yaml` has the routes. */
  readonly hasApi: boolean;
}

/** The form of the template. */
interface PackageFile {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** Fills in the template of `package.json`. */
export function toPackageFile(template: string, { name, dependency, hasApi }: PackageFacts): string {
  const file: PackageFile = JSON.parse(template);
  const { yaml, ...devDependencies } = file.devDependencies;
  const filled = {
    ...file,
    name: toPackageName(name),
    scripts: hasApi ? withDocument(file.scripts) : file.scripts,
    dependencies: { ...file.dependencies, "rego-authorizer": dependency },
    // The CDK app reads the document.
    devDependencies: { ...devDependencies, ...(hasApi && yaml !== undefined && { yaml }) },
  };
  return `${JSON.stringify(filled, undefined, 2)}\n`;
}

/** The scripts that depend on the routes of the API. */
const OF_ROUTES = ["start", "check", "build", "upgrade"];

function withDocument(scripts: PackageFile["scripts"]): PackageFile["scripts"] {
  const entries = Object.entries(scripts);
  return Object.fromEntries(
    entries.map(([name, line]) => [name, OF_ROUTES.includes(name) ? `${line} --openapi openapi.yaml` : line]),
  );
}

/** Converts a folder's name to a name that npm accepts. */
function toPackageName(folder: string): string {
  const name = folder
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/\p{Mark}/gu, "")
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 200);
  // With the product's own name, npm would not install the product.
  return name === "" || name === "rego-authorizer" || name === "node-modules" ? "access-policy" : name;
}

import { OPA_PACKAGES } from "../build/opa/npm-package.ts";
import { OPA_VERSION } from "../build/opa/release.ts";

/** A `package.json`, as far as a release changes it. */
interface PackageManifest {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly private?: boolean;
}

/** Completes the `package.json` of the product for its release. */
export function completeManifest(
  { private: _, ...manifest }: PackageManifest,
  environment: Readonly<Record<string, string | undefined>>,
): object {
  const packages = Object.values(OPA_PACKAGES).map(({ name }) => [name, OPA_VERSION]);
  return {
    ...manifest,
    ...readRepository(environment),
    optionalDependencies: { ...manifest.optionalDependencies, ...Object.fromEntries(packages) },
  };
}

/** Reads the repository that a workflow runs for. npm compares it with the provenance. */
export function readRepository(environment: Readonly<Record<string, string | undefined>>): object {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name } = environment;
  return server === undefined || name === undefined
    ? {}
    : { repository: { type: "git", url: `git+${server}/${name}.git` } };
}

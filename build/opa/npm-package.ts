import { createRequire } from "node:module";
import { join } from "node:path";

/**
 * The npm packages with OPA, by `process.platform` and `process.arch`, and what Go calls these. `dev/pack-opa.ts` makes them.
 */
export const OPA_PACKAGES = {
  "linux-x64": { name: "@rego-authorizer/opa-linux-x64", os: "linux", cpu: "x64", GOOS: "linux", GOARCH: "amd64" },
  "linux-arm64": {
    name: "@rego-authorizer/opa-linux-arm64",
    os: "linux",
    cpu: "arm64",
    GOOS: "linux",
    GOARCH: "arm64",
  },
  "darwin-x64": { name: "@rego-authorizer/opa-darwin-x64", os: "darwin", cpu: "x64", GOOS: "darwin", GOARCH: "amd64" },
  "darwin-arm64": {
    name: "@rego-authorizer/opa-darwin-arm64",
    os: "darwin",
    cpu: "arm64",
    GOOS: "darwin",
    GOARCH: "arm64",
  },
} as const;

/**
 * Finds the executable of the optional npm package for this platform.
 *
 * @param folder - The folder of the package that depends on it. npm may have put it there, or further up.
 * @returns Undefined if the package is not installed.
 */
export function findInPackage(folder: string): string | undefined {
  const platform = `${process.platform}-${process.arch}`;
  const entry = Object.entries(OPA_PACKAGES).find(([key]) => key === platform);
  if (entry === undefined) return undefined;
  try {
    return createRequire(join(folder, "package.json")).resolve(`${entry[1].name}/opa`);
  } catch {
    return undefined;
  }
}

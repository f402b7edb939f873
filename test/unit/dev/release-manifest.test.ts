import { expect, it } from "vitest";
import { OPA_VERSION } from "../../../build/opa/release.ts";
import { completeManifest } from "../../../dev/release-manifest.ts";

const OPA = {
  "@rego-authorizer/opa-linux-x64": OPA_VERSION,
  "@rego-authorizer/opa-linux-arm64": OPA_VERSION,
  "@rego-authorizer/opa-darwin-x64": OPA_VERSION,
  "@rego-authorizer/opa-darwin-arm64": OPA_VERSION,
};

it("a release depends on OPA for each platform, pinned exactly, and names the repository that built it", () => {
  const manifest = { name: "rego-authorizer", private: true, optionalDependencies: { other: "1.0.0" } };
  const environment = { GITHUB_SERVER_URL: "https://git.example", GITHUB_REPOSITORY: "company/product" };
  expect(completeManifest(manifest, environment)).toEqual({
    name: "rego-authorizer",
    repository: { type: "git", url: "git+https://git.example/company/product.git" },
    optionalDependencies: { other: "1.0.0", ...OPA },
  });
});

it("outside a workflow there is no repository to name", () => {
  expect(completeManifest({}, {})).toEqual({ optionalDependencies: OPA });
});

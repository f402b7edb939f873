import type { UserTokenUse } from "../../contract/manifest.ts";
import type { ParsedFile } from "../rego/files.ts";
import type { Problem } from "./problem.ts";

/** The kind of Cognito tokens that a policy accepts of users; undefined if the policy accepts both. */
export interface DeclaredTokenUse {
  readonly tokenUse: UserTokenUse | undefined;
  readonly problems: readonly Problem[];
}

/** Reads `custom.token_use` in the METADATA of package `access.roles`, and finds it where it has no effect. */
export function readTokenUse(sources: readonly ParsedFile[]): DeclaredTokenUse {
  const found = sources.flatMap(({ file, part, module }) => {
    const ofRules = (module.rules ?? []).flatMap(({ annotations = [], location }) =>
      annotations.map(({ custom }) => ({ value: custom?.["token_use"], line: location.row, isInPlace: false })),
    );
    const ofPackage = (module.annotations ?? [])
      .filter(({ scope }) => scope === "package")
      .map(({ custom }) => ({
        value: custom?.["token_use"],
        line: module.package.location.row,
        isInPlace: part === "roles",
      }));
    return [...ofPackage, ...ofRules].map((one) => ({ ...one, file })).filter(({ value }) => value !== undefined);
  });
  const problems = found
    .filter(({ value, isInPlace }) => !isInPlace || !isUserTokenUse(value))
    .map(({ file, line }): Problem => ({ code: "token_use.malformed", file, line, message: MALFORMED }));
  const [first] = found;
  return { tokenUse: problems.length === 0 && isUserTokenUse(first?.value) ? first.value : undefined, problems };
}

function isUserTokenUse(value: unknown): value is UserTokenUse {
  return value === "id" || value === "access";
}

const MALFORMED =
  'token_use says which Cognito tokens of users are accepted; write `token_use: id` or `token_use: access` under "custom" in the METADATA of package access.roles, and nowhere else';

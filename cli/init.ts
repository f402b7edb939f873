import { basename, resolve } from "node:path";
import { ok } from "../contract/result.ts";
import { readRouteDocument } from "../openapi/documented-routes.ts";
import { toCompanyFiles } from "../scaffold/company-files.ts";
import { formatRepositoryError, writeRepository } from "../scaffold/write-repository.ts";
import { type Command, couldNotRun, done, misused } from "./command.ts";

export const command: Command = {
  usage: `rego-authorizer init DIR [--openapi FILE]
  makes a company's repository: a policy with tests, users for npm start, a CDK app, a workflow for CI, settings for editors
  DIR        the folder to write into: a new one, or one that is empty but for .git
  --openapi  the API's OpenAPI document, JSON or YAML: its routes become areas in which nobody is allowed anything yet`,
  flags: ["openapi"],
  takesPositionals: true,
  async run({ flags, positionals }) {
    const [folder, ...others] = positionals;
    if (folder === undefined || folder === "" || others.length > 0) return misused(["name one folder"]);
    const api = flags["openapi"] === undefined ? ok(undefined) : await readRouteDocument(flags["openapi"]);
    if (!api.ok) return couldNotRun([...api.error, "nothing was written"]);
    const files = await toCompanyFiles({ name: basename(resolve(folder)), api: api.value });
    const written = await writeRepository(folder, files);
    if (!written.ok) return couldNotRun([formatRepositoryError(folder, written.error)]);
    const cd = /^[\w./-]+$/.test(folder) ? folder : `'${folder.replaceAll("'", `'\\''`)}'`;
    const closed = [
      `${api.value?.routes.length} routes are closed: policies/access/ has a grant for each, commented out.`,
      'Before the first build, open one: take the first "# " off the lines of its grant, and name a role.',
    ];
    const lines = [
      `wrote ${Object.keys(files).length} files into ${folder}. Next:`,
      `  cd ${cd}`,
      "  npm install   # writes package-lock.json; from then on it is npm ci",
      "  npm test",
      ...(api.value === undefined ? ["  npm start"] : []),
      ...(api.value === undefined ? [] : closed),
      "Replace @your-org/security-team in .github/CODEOWNERS with your team. README.md has the rest.",
    ];
    return done(`${lines.join("\n")}\n`);
  },
};

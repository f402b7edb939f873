import { CHANGES, type ExampleChange } from "./changes.ts";
import type { ExampleRepository, Printed } from "./repository.ts";

/** Names the file with the comment on a change. */
export function fileOfComment({ name }: ExampleChange): string {
  return `test/conformance/comments/${name}.md`;
}

/** The repositories of the policies that are changed. */
export type ExampleRepositories = Readonly<Record<ExampleChange["policy"], ExampleRepository>>;

/** Renders the comment on a change by the command that a pull request runs. */
export async function renderComment(change: ExampleChange, repositories: ExampleRepositories): Promise<Printed> {
  const { run, change: edit } = repositories[change.policy];
  await edit(change);
  if (change.forgetsLock !== true) await run("lock");
  return run("pull-request", "main", "--openapi", "openapi.yaml");
}

/** Finds a change by its name. */
export function findChange(name: string): ExampleChange {
  const change = CHANGES.find((one) => one.name === name);
  if (change === undefined) throw new Error(`there is no change ${name}`);
  return change;
}

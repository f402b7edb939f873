import type { Assembly } from "./assembly.ts";
import { type GateOptions, type GateReport, judge } from "./judge.ts";
import { createDraft, type Model } from "./model.ts";
import { readWorld } from "./read-world.ts";
import { addStacks } from "./stack-model.ts";
import { addPlan } from "./terraform.ts";

/**
 * Reads what files deploy: templates of CloudFormation and AWS SAM, plans of Terraform, and folders that the CDK synthesized.
 *
 * @param folder - Files are named relative to it.
 */
function readModel(sources: readonly (string | Assembly)[], folder?: string): Model {
  const { scopes, plans, unreadable } = readWorld(sources, folder);
  const draft = createDraft();
  draft.unreadable.push(...unreadable);
  addStacks(draft, scopes);
  for (const [at, plan] of plans.entries()) addPlan(draft, plan, `plan ${at}`);
  return draft;
}

/** Judges files and folders; see {@link readModel}. */
export function judgeFiles(
  sources: readonly (string | Assembly)[],
  options?: GateOptions,
  folder?: string,
): GateReport {
  return judge(readModel(sources, folder), options);
}

/**
 * Judges an assembly, that is a folder which the CDK synthesized, with its `Stage`s and nested stacks at any depth.
 *
 * Messages name the templates relative to the folder.
 */
export function judgeAssembly(folder: string, options?: GateOptions): GateReport {
  return judgeFiles(["."], options, folder);
}

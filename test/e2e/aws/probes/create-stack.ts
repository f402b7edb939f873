import { setTimeout as wait } from "node:timers/promises";
import { askQuery } from "../support/aws.ts";
import type { Emulator } from "../support/run.ts";

const DEADLINE_MS = 30_000;

/**
 * Deploys a template as it is.
 *
 * @returns The values of its outputs, in order.
 */
export async function createStack(run: Emulator, name: string, template: object): Promise<readonly string[]> {
  const ask = (parameters: Readonly<Record<string, string>>) =>
    askQuery(run, "cloudformation", { Version: "2010-05-15", StackName: name, ...parameters });
  await ask({
    Action: "CreateStack",
    TemplateBody: JSON.stringify(template),
    "Capabilities.member.1": "CAPABILITY_IAM",
  });
  const untilMs = Date.now() + DEADLINE_MS;
  let answer = "";
  while (Date.now() < untilMs) {
    answer = await ask({ Action: "DescribeStacks" });
    const status = /<StackStatus>(\w+)<\/StackStatus>/.exec(answer)?.[1] ?? "";
    if (status === "CREATE_COMPLETE")
      return [...answer.matchAll(/<OutputValue>([^<]*)<\/OutputValue>/g)].map(([, value = ""]) => value);
    if (!status.endsWith("_IN_PROGRESS")) break;
    await wait(50);
  }
  throw new Error(`the stack ${name} was not deployed:\n${answer}`);
}

import { findOpa } from "../build/opa/find.ts";
import { serve } from "../local/serve.ts";
import { type Command, couldNotRun, found, misused } from "./command.ts";
import { FLAGS, readStartOptions, USAGE } from "./start-options.ts";

export const command: Command = {
  usage: USAGE,
  ...FLAGS,
  async run(given) {
    const options = readStartOptions(given, process.env);
    if (!options.ok) return misused(options.error);
    const opa = await findOpa();
    if (!opa.ok) return couldNotRun([opa.error]);
    const serving = await serve({ opaPath: opa.value, ...options.value }, { print: console.log, warn: console.error });
    if (!serving.ok) return (serving.error.isOfPolicy ? found : couldNotRun)(serving.error.lines);
    const stop = () => serving.value.close().then(() => process.exit(0));
    // The text invites to press Ctrl-C, so that has to work by then.
    process.once("SIGINT", stop).once("SIGTERM", stop);
    console.log(serving.value.welcome);
    return { kind: "running" };
  },
};

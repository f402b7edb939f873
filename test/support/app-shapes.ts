import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { App, type CfnResource, NestedStack, Stack, Stage } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

/** Where the stack of an API may be, below an app. */
export const PLACES = {
  "a stack": (app: App) => new Stack(app, "Own"),
  "a nested stack": (app: App) => new NestedStack(new Stack(app, "Own"), "Nested"),
  "a Stage": (app: App) => new Stack(new Stage(app, "Prod"), "Own"),
  "a nested stack in a Stage": (app: App) => new NestedStack(new Stack(new Stage(app, "Prod"), "Own"), "Nested"),
  "a Stage in a Stage": (app: App) => new Stack(new Stage(new Stage(app, "Eu"), "Prod"), "Own"),
} satisfies Readonly<Record<string, (app: App) => Stack>>;

/** Creates an app that applies aspects until nothing changes, as new apps do, or once, as older apps do. */
export function createApp(isStabilized: boolean): App {
  return new App({ context: { "@aws-cdk/core:aspectStabilization": isStabilized } });
}

/** Returns an aspect that does something once, when it comes to a construct. */
export function onceAt(at: IConstruct, run: () => void) {
  let isDone = false;
  return {
    visit(node: IConstruct) {
      if (node !== at || isDone) return;
      isDone = true;
      run();
    },
  };
}

/** Lists the properties of resources of a type in all templates that an app has written, at any depth. */
export function propertiesIn(
  folder: string,
  type: CfnResource["cfnResourceType"],
): readonly Readonly<Record<string, unknown>>[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith("template.json"))
    .sort()
    .flatMap((name) => Object.values<object>(JSON.parse(readFileSync(join(folder, name), "utf8"))["Resources"]))
    .filter((resource) => Object(resource)["Type"] === type)
    .map((resource) => Object(resource)["Properties"]);
}

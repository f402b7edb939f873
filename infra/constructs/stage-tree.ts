import { Stage } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

/** Lists a construct and those below it, without the `Stage`s below it and what is in them, which the CDK synthesizes by themselves. */
export function* constructsOf(construct: IConstruct): Generator<IConstruct> {
  const pending = [construct];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    yield next;
    pending.push(...next.node.children.filter((child) => !Stage.isStage(child)).reverse());
  }
}

/** Lists a `Stage` and those in it, at any depth. The app is a `Stage`, too. */
export function stagesOf(stage: Stage): readonly Stage[] {
  const children = [...constructsOf(stage)].flatMap(({ node }) => node.children);
  return [stage, ...children.filter(Stage.isStage).flatMap(stagesOf)];
}

import { API_NAMES, APIS } from "./apis.ts";
import type { Release } from "./app.ts";
import type { StageState } from "./cloud.ts";
import type { Life } from "./life.ts";
import { createPick } from "./traffic.ts";

/** The releases of a scenario: an old one, a new one, and the one after that; in one stack and in two. */
export interface Cast {
  readonly old: Release;
  readonly next: Release;
  readonly third: Release;
  readonly oldInTwo: Release;
  readonly nextInTwo: Release;
  /** The old release with another generation of contracts, so that its aliases have names of their own. */
  readonly oldAgain: Release;
  /** The old policy on APIs that have no authorizer yet. */
  readonly bare: Release;
}

/** Lives a life. `at` is the number of calls after which something fails. */
type Scenario = (life: Life, cast: Cast, at: number) => Promise<void>;

/** Calls a function with the stage of each REST API and the id of one of its deployments. */
function atDeployment(life: Life, which: number, change: (stage: StageState, id: string) => void): void {
  for (const name of API_NAMES.filter((one) => APIS[one].kind === "rest")) {
    const { stages, deployments } = life.apiOf(name);
    const [stage, id] = [stages.get(APIS[name].stage), [...deployments.keys()].at(which)];
    if (stage !== undefined && id !== undefined) change(stage, id);
  }
}

/** Moves the stage of each REST API to one of its deployments. */
export function toDeployment(life: Life, which: number): void {
  atDeployment(life, which, (stage, id) => {
    stage.deployment = id;
  });
}

/** The lives that a deployment can have, by what happens. The names are what the documentation calls them. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  async "a deployment succeeds"(life, { old, next }) {
    await life.deploy(old);
    await life.deploy(next);
    await life.wait(30);
    await life.wait(61);
  },
  async "a deployment succeeds, and the caches are emptied"(life, { old, next }) {
    await life.deploy(old);
    await life.deploy(next);
    await life.flush();
    await life.wait(30);
  },
  async "a deployment fails and is rolled back, then succeeds"(life, { old, next }, at) {
    await life.deploy(old);
    await life.deploy(next, { failsAfter: at });
    await life.wait(61);
    await life.deploy(next);
  },
  async "a rollback takes changes back in the order in which they were made"(life, { old, next, third }, at) {
    await life.deploy(old);
    await life.deploy(next, { failsAfter: at, rollback: "forward" });
    await life.deploy(third);
  },
  async "a deployment fails half way and stays, then succeeds"(life, { old, next }, at) {
    await life.deploy(old);
    await life.deploy(next, { failsAfter: at, onFailure: "stay" });
    await life.wait(61);
    await life.deploy(next);
    await life.wait(61);
  },
  async "a deployment fails half way and stays, and another policy follows"(life, { old, next, third }, at) {
    await life.deploy(old);
    await life.deploy(next, { failsAfter: at, onFailure: "stay" });
    await life.deploy(third);
  },
  async "the earlier policy is deployed again, under a contract that is new or was never left"(
    life,
    { old, next, oldAgain },
  ) {
    await life.deploy(old);
    await life.deploy(next);
    // An earlier contract's alias was retained, so that this deployment may fail, before callers notice anything.
    if ((await life.deploy(old)) === "complete") return;
    await life.wait(61);
    await life.deploy(oldAgain);
    await life.wait(61);
  },
  async "the stage is put back to an earlier deployment"(life, { old, next, third }) {
    await life.deploy(old);
    await life.deploy(next);
    await life.act("update-stage back", () => toDeployment(life, 0), [old, next]);
    await life.wait(61);
    await life.act("update-stage forward", () => toDeployment(life, -1), [old, next]);
    await life.deploy(third);
  },
  async "a canary of the stage has the earlier deployment"(life, { old, next }) {
    await life.deploy(old);
    await life.deploy(next);
    const takes = createPick(7);
    const toCanary = (stage: StageState, deployment: string) => {
      stage.canary = { deployment, takes: () => takes(2) === 0 };
    };
    await life.act("canary", () => atDeployment(life, 0, toCanary), [old, next]);
    await life.wait(1);
    await life.wait(61);
  },
  async "the authorizer is attached for the first time"(life, { bare, next }, at) {
    await life.deploy(bare);
    await life.deploy(next, { failsAfter: at });
    await life.deploy(next);
  },
  async "two stacks, the function's first"(life, { oldInTwo, nextInTwo }) {
    await life.deploy(oldInTwo);
    await life.deploy(nextInTwo, { order: ["main"] });
    await life.wait(61);
    await life.deploy(nextInTwo, { order: ["apis"] });
    await life.wait(61);
  },
  async "two stacks, the APIs' first"(life, { oldInTwo, nextInTwo }) {
    await life.deploy(oldInTwo);
    await life.deploy(nextInTwo, { order: ["apis"] });
    await life.deploy(nextInTwo);
  },
  async "two stacks, of which the second fails and follows later"(life, { oldInTwo, nextInTwo }, at) {
    await life.deploy(oldInTwo);
    await life.deploy(nextInTwo, { order: ["main"] });
    await life.deploy(nextInTwo, { order: ["apis"], failsAfter: at });
    await life.wait(61);
    await life.deploy(oldInTwo, { order: ["main"] });
    await life.deploy(nextInTwo);
  },
};

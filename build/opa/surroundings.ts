import type { Environment } from "./executable.ts";
import type { Progress } from "./progress.ts";
import type { Release } from "./release.ts";

/** The surroundings that OPA is looked for and installed in. */
export interface Surroundings {
  readonly environment: Environment;
  /** The official release; undefined if this platform has none. */
  readonly release: Release | undefined;
  readonly progress: Progress;
  /** The folder of the package that the npm package with OPA is a dependency of. */
  readonly packageFolder: string;
}

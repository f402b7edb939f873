import type { Derived } from "../../build/package/build.ts";
import type { Problem } from "../../build/policy/problem.ts";
import type { PolicyData } from "../../contract/policy-index.ts";
import type { Result } from "../../contract/result.ts";
import type { AccessPolicy } from "../access/model.ts";
import type { RulePlace } from "./access-policy.ts";

/** One of the two policies that are compared. Disposing of it removes its temporary files. */
export interface Side extends AsyncDisposable {
  /** The name of it as the command was given it. */
  readonly label: string;
  readonly kind: "folder" | "ref" | "dist" | "bundle" | "lock";
  readonly policy: AccessPolicy;
  /** False for a bundle, which has no public rules. Then neither side's are compared. */
  readonly knowsPublicRules: boolean;
  /** Everything beyond the access; undefined for a lock. */
  readonly engine: EngineSide | undefined;
}

/** The parts of a side that decide requests. */
export interface EngineSide {
  readonly data: PolicyData;
  /** Compiles the module, or reads it. It is needed only if there is something to confirm. */
  readonly loadModule: () => Promise<Result<LoadedModule, readonly string[]>>;
  /** The contracts that a build packs; undefined if the side does not have them. */
  readonly derive: ((revision: string) => Result<Derived, readonly string[]>) | undefined;
  /** The file and line of each rule: `grant orders.read`. */
  readonly places: ReadonlyMap<string, RulePlace>;
  /** What is right and may still surprise; undefined if only the sources show it. */
  readonly notices?: readonly Problem[];
}

/** A module, with the identity of the policy that it is of. */
export interface LoadedModule {
  readonly module: WebAssembly.Module;
  readonly revision: string;
}

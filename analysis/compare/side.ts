import type { Problem } from "../../build/policy/problem.ts";
import type { CacheContract } from "../../contract/manifest.ts";
import type { PolicyData } from "../../contract/policy-index.ts";
import type { Result } from "../../contract/result.ts";
import type { AccessPolicy } from "../access/model.ts";
import type { IamDocuments } from "../iam/documents.ts";
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
  /** Derives what a build packs beside the policy; undefined if the side does not have it. */
  readonly derive: (() => DerivedSide) | undefined;
  /** The file and line of each rule: `grant orders.read`. */
  readonly places: ReadonlyMap<string, RulePlace>;
  /** Findings that are right and may still surprise; undefined if only the sources would show them. */
  readonly notices?: readonly Problem[];
}

/** The contracts that follow from a policy, and are packed with it. */
export interface DerivedSide {
  readonly cacheContract: CacheContract;
  /** The IAM documents; or why a build has none. */
  readonly iam: Result<IamDocuments, string>;
}

/** A module, with the identity of the policy that it is of. */
export interface LoadedModule {
  readonly module: WebAssembly.Module;
  readonly revision: string;
}

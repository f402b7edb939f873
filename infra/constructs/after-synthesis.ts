import { attachCustomSynthesis, type Stage } from "aws-cdk-lib";
import { toSynthesisError } from "./synthesis-error.ts";

const CHECKS = Symbol.for("rego-authorizer.after-synthesis");

/** Where the CDK has the custom synthesis of a construct. */
const CUSTOM_SYNTHESIS = Symbol.for("@aws-cdk/core:customSynthesis");

/**
 * Runs a check when the CDK has written all templates of a `Stage` and of the `Stage`s in it. An error of the check ends the
 * synthesis.
 *
 * A plugin for policy validation would not be enough: acknowledgements silence it, it is not run for a `Stage` that is
 * synthesized by itself, and some versions of the CDK report its failure and go on.
 *
 * @param key - Names the check. A later check with the same key replaces an earlier one.
 */
export function afterSynthesis(stage: Stage, key: unknown, check: () => void): void {
  const known: unknown = Object(stage)[CHECKS];
  if (known instanceof Map) {
    known.set(key, check);
    return;
  }
  if (Object(stage)[CUSTOM_SYNTHESIS] !== undefined) {
    const cause =
      "another library has attached a custom synthesis here, and the CDK has one for a construct only, so that the gate would not run; " +
      "take RequireAuthorization out, and run rego-authorizer check-template after cdk synth";
    throw toSynthesisError(stage, "RequireAuthorization", cause);
  }
  const checks = new Map([[key, check]]);
  // A construct has one custom synthesis only, so that all copies of this package share theirs.
  Object.defineProperty(stage, CHECKS, { value: checks });
  attachCustomSynthesis(stage, {
    onSynthesize() {
      for (const one of checks.values()) one();
    },
  });
}

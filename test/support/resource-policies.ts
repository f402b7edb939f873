import fc from "fast-check";
import type { CacheCase } from "./cache-arbitraries.ts";

/** A resource policy, and the requests that it denies. */
export interface ResourcePolicy {
  readonly document: object;
  readonly denies: (arn: string) => boolean;
}

interface Drawn {
  readonly effect: "Allow" | "Deny";
  /** After the stage; a `*` for each parameter. */
  readonly suffix: string;
}

/** Makes the resource policy with some statements for everybody. */
function toResourcePolicy(drawn: readonly Drawn[]): ResourcePolicy {
  const Statement = drawn.map(({ effect, suffix }) => ({
    Effect: effect,
    Principal: "*",
    Action: "execute-api:Invoke",
    Resource: `execute-api:/*${suffix}`,
  }));
  const denied = drawn
    .filter(({ effect }) => effect === "Deny")
    .map(({ suffix }) => new RegExp(`/.*${suffix.replaceAll(/[$.+]/g, "\\$&").replaceAll("*", ".*")}$`, "s"));
  return {
    document: { Version: "2012-10-17", Statement },
    denies: (arn) => denied.some((pattern) => pattern.test(arn)),
  };
}

/** A resource policy that allows everything, so that it decides wherever an authorizer is silent. */
export const ALLOWS_ALL: ResourcePolicy = toResourcePolicy([{ effect: "Allow", suffix: "" }]);

/** Generates a resource policy for an API: it allows all, is silent, allows all but one route, or is for some routes. */
export function resourcePolicyFor({ routes }: CacheCase): fc.Arbitrary<ResourcePolicy> {
  const suffix = fc.constantFrom(...routes).map(({ verb, path }) => {
    const pattern = path.replaceAll(/\{[^}]+\}/g, "*");
    return `/${verb === "ANY" ? "*" : verb}${pattern}`;
  });
  const some = fc.array(fc.record({ effect: fc.constantFrom("Allow" as const, "Deny" as const), suffix }), {
    minLength: 1,
    maxLength: 3,
  });
  const allButOne = suffix.map((one): readonly Drawn[] => [
    { effect: "Allow", suffix: "" },
    { effect: "Deny", suffix: one },
  ]);
  return fc.oneof(
    fc.constant(ALLOWS_ALL),
    fc.constant(toResourcePolicy([])),
    allButOne.map(toResourcePolicy),
    some.map(toResourcePolicy),
  );
}

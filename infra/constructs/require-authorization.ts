import { Aspects, type IAspect, Stage } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import { type Accepted, type Finding, formatFinding, isDay } from "../../gate/finding.ts";
import { judgeFiles } from "../../gate/judge-files.ts";
import { afterSynthesis } from "./after-synthesis.ts";
import { stagesOf } from "./stage-tree.ts";
import { toAssembly } from "./synthesized.ts";
import { targetOf } from "./template.ts";

/** An authorizer that is accepted although it evaluates no policy. */
export interface AcceptedAuthorizer {
  /** The id by which methods and routes name it, or the name of its security scheme in a document. */
  readonly authorizer: string;
  /** Why this authorizer is safe, for the next reader; not empty. */
  readonly reason: string;
}

/** Something that `RequireAuthorization` finds and that is accepted. */
export interface AcceptedFinding {
  /** The path or the logical id of the construct, such as `Prod/Orders/Live`; or the name or the id that the message has. */
  readonly name: string;
  /** Why it is safe, for the next reader; not empty. */
  readonly reason: string;
  /**
   * The last day on which it is accepted, such as `2026-12-31` in UTC. Afterwards synthesis fails.
   *
   * @default - it is accepted without an end
   */
  readonly until?: string;
}

/** The findings that a gate accepts, each with the reason. */
export interface RequireAuthorizationProps {
  /**
   * Authorizers that are accepted besides those of a `PolicyAuthorizer`. A Cognito or JWT authorizer lets in everybody who has
   * signed in.
   *
   * @default - none
   */
  readonly additionalAuthorizers?: readonly AcceptedAuthorizer[];
  /**
   * Findings that are accepted: a stage that something else deploys after each change of its API, an endpoint that may be reached
   * without the client certificates of its domain, a response cache that all callers share, a method that is report-only. An open
   * method can't be accepted, and nor can what is not visible.
   *
   * @default - none
   */
  readonly accepted?: readonly AcceptedFinding[];
}

/** An assembly may have thousands of open methods. The command `check-template` lists all of them. */
const MAX_LISTED = 50;

/**
 * An aspect that fails synthesis while a method or route of an API is open to everybody, has an authorizer that evaluates no policy,
 * or has a stage that would not be deployed again, and while something is not visible that could be open.
 *
 * Add it with `Aspects.of(app).add(new RequireAuthorization())`. It judges the templates that the CDK has written: of all stacks and
 * nested stacks, in all `Stage`s below the construct that it is added to.
 */
export class RequireAuthorization implements IAspect {
  readonly #accepted: readonly Accepted[];

  constructor({ additionalAuthorizers = [], accepted = [] }: RequireAuthorizationProps = {}) {
    const named = [
      ...additionalAuthorizers.map(({ authorizer: name, reason }) => ({
        ...{ prop: "additionalAuthorizers", name, reason, until: undefined },
      })),
      ...accepted.map(({ name, reason, until }) => ({ prop: "accepted", name, reason, until })),
    ];
    for (const { prop, name, reason, until } of named) {
      if (until !== undefined && !isDay(until))
        throw new Error(`RequireAuthorization: ${prop}: until of ${name} is not a day; write it like 2026-12-31`);
      if (reason.trim() === "")
        throw new Error(`RequireAuthorization: ${prop}: ${name} has no reason; say why it is safe`);
    }
    this.#accepted = named;
  }

  visit(node: IConstruct): void {
    // An aspect visits everything below the construct that it was added to; the gate is for that construct.
    if (!Aspects.of(node).all.includes(this)) return;
    const stage = Stage.isStage(node) ? node : Stage.of(node);
    if (stage === undefined)
      throw new Error(
        `RequireAuthorization: ${node.node.path || "the construct"} is not in an App or a Stage, so nothing writes its templates; add an App`,
      );
    afterSynthesis(stage, `${node.node.addr} ${this.#accepted.map(({ name }) => name).join()}`, () =>
      this.#judge(node, stage),
    );
  }

  #judge(scope: IConstruct, stage: Stage): void {
    const assemblies = (Stage.isStage(scope) ? stagesOf(scope) : [stage]).map(toAssembly);
    // The paths of constructs take most of the time, and only messages and accepted names need them.
    const quick = assemblies.map((assembly) => ({ ...assembly, readPaths: () => new Map<string, string>() }));
    if (judgeFiles(quick).findings.length === 0) return;
    const accepted = this.#accepted.map((one) => ({ ...one, name: toName(one.name) }));
    const { findings } = judgeFiles(assemblies, { accepted }, stage.outdir);
    const own = findings.filter((finding) => isWithin(scope, finding));
    if (own.length === 0) return;
    const lines = own.slice(0, MAX_LISTED).map((finding) => `RequireAuthorization: ${formatFinding(finding)}`);
    const more = own.length - MAX_LISTED;
    if (more > 0) lines.push(`and ${more} more; rego-authorizer check-template ${stage.outdir} lists all`);
    throw new Error(lines.join("\n"));
  }
}

/** Tells whether a finding is in a scope. One whose construct is not known may be. */
function isWithin(scope: IConstruct, { place: { path } }: Finding): boolean {
  return Stage.isStage(scope) || path === undefined || `${path}/`.startsWith(`${scope.node.path}/`);
}

/** Names a construct by its path, if the app gave a reference to it. */
function toName(name: string): string {
  return targetOf(name)?.node.path ?? name;
}

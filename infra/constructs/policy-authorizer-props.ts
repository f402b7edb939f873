import type { Duration } from "aws-cdk-lib";
import type { AuthorizerAlarmsProps } from "./authorizer-alarms.ts";
import type { AuthorizerFunctionProps } from "./authorizer-function.ts";
import type { AuthorizerReleaseProps } from "./authorizer-release.ts";
import type { CachingProps } from "./caching.ts";
import type { TrustedIssuerProps } from "./trusted-issuers.ts";

/** Whom the authorizer trusts, and how it runs. */
export interface PolicyAuthorizerProps extends AuthorizerFunctionProps {
  /** Whose tokens are taken. */
  readonly trustedIssuers: readonly TrustedIssuerProps[];
  /**
   * The folder that `npm run build` made.
   *
   * @default - `dist/` beside this package's sources
   */
  readonly distPath?: string;
  /**
   * Where the token is: `header:<name>` or `query:<name>`. A browser's WebSocket sends no header of its own.
   *
   * @default "header:Authorization"
   */
  readonly tokenSource?: string;
  /**
   * What HTTP APIs are answered with. With `simple` nothing is kept.
   *
   * @default "iam"
   */
  readonly httpResponse?: "iam" | "simple";
  /**
   * The longest that a token may be valid, from `iat` to `exp`.
   *
   * @default Duration.days(1)
   */
  readonly maxTokenLifetime?: Duration;
  /**
   * How far apart the clocks of issuer and Lambda may be.
   *
   * @default Duration.seconds(0)
   */
  readonly clockTolerance?: Duration;
  /**
   * Alarms on errors, throttles and duration.
   *
   * @default - none
   */
  readonly alarms?: AuthorizerAlarmsProps;
  /**
   * APIs ask an alias, which moves to a new version step by step.
   *
   * @default - APIs ask the newest version at once
   */
  readonly release?: AuthorizerReleaseProps;
}

/** How a REST API asks the authorizer. */
export interface RestAttachment extends CachingProps {
  /**
   * `TOKEN` authorizers see nothing but a header and the method's ARN, and have the header alone as key.
   *
   * @default "REQUEST"
   */
  readonly type?: "REQUEST" | "TOKEN";
}

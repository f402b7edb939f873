import type { Duration } from "aws-cdk-lib";
import type { AuthorizerAlarmsProps } from "./authorizer-alarms.ts";
import type { AuthorizerFunctionProps } from "./authorizer-function.ts";
import type { AuthorizerReleaseProps } from "./authorizer-release.ts";
import type { CachingProps } from "./caching.ts";
import type { TrustedIssuerProps } from "./trusted-issuers.ts";

/** The issuers that the authorizer trusts, and how it runs. */
export interface PolicyAuthorizerProps extends AuthorizerFunctionProps {
  /** The issuers whose tokens the authorizer accepts; at least one. */
  readonly trustedIssuers: readonly TrustedIssuerProps[];
  /**
   * The folder that `rego-authorizer build` has written.
   *
   * @default - `dist/` in the working folder
   */
  readonly distPath?: string;
  /**
   * Where the token is: `header:<name>`, `query:<name>`, `cookie:<name>`, `subprotocol` (the one after `bearer` in a WebSocket's
   * `Sec-WebSocket-Protocol`), or several of them with commas, of which a request must have exactly one. Responses are cached only
   * if the requests of an API can have it in one header or parameter.
   *
   * A browser can't add a header to a WebSocket request, so it needs `query`, `cookie` or `subprotocol`.
   *
   * @default "header:Authorization"
   */
  readonly tokenSource?: string;
  /**
   * The format of responses to HTTP APIs. `simple` responses are never cached.
   *
   * @default "iam"
   */
  readonly httpResponse?: "iam" | "simple";
  /**
   * The longest lifetime of a token, from `iat` to `exp`. The authorizer refuses tokens with a longer one.
   *
   * @default Duration.days(1)
   */
  readonly maxTokenLifetime?: Duration;
  /**
   * The difference that is allowed between the clocks of issuer and Lambda.
   *
   * @default Duration.seconds(0)
   */
  readonly clockTolerance?: Duration;
  /**
   * Alarms on errors, throttles and duration.
   *
   * @default - no alarms
   */
  readonly alarms?: AuthorizerAlarmsProps;
  /**
   * APIs invoke an alias, which CodeDeploy moves to a new version step by step.
   *
   * @default - APIs invoke the new version as soon as it is deployed
   */
  readonly release?: AuthorizerReleaseProps;
}

/** How a REST API invokes the authorizer. */
export interface RestAttachment extends CachingProps {
  /**
   * A `TOKEN` authorizer gets only a header and the ARN of the method. The header alone is its cache key.
   *
   * @default "REQUEST"
   */
  readonly type?: "REQUEST" | "TOKEN";
}

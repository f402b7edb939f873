import type { Duration } from "aws-cdk-lib";
import type { RaisedQuotas } from "../../gateway-rules/rule.ts";
import type { AuthorizerAlarmsProps } from "./authorizer-alarms.ts";
import type { AuthorizerFunctionProps } from "./authorizer-function.ts";
import type { AuthorizerReleaseProps } from "./authorizer-release.ts";
import type { CachingProps } from "./caching.ts";
import type { TrustedIssuerProps } from "./trusted-issuers.ts";

/** The issuers that the authorizer trusts, and how it runs. */
export interface PolicyAuthorizerProps extends AuthorizerFunctionProps {
  /** The issuers whose tokens the authorizer accepts; at least one, here or packed by the build (`ISSUERS`). */
  readonly trustedIssuers: readonly TrustedIssuerProps[];
  /**
   * Acknowledges that somebody has checked the user pools that the build has packed: users can't write the attributes on which the
   * policy decides, through any client of a pool, nor by signing up. Packed pools are not visible at synthesis.
   *
   * @default false - packed issuers are an error of synthesis, if the policy decides on an attribute
   */
  readonly acknowledgeWritableClaimsOfPacked?: boolean;
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
   * The quotas that AWS has raised for the APIs of the authorizer, such as `{ routes: 600 }`.
   *
   * @default - the default quotas of API Gateway
   */
  readonly raisedQuotas?: RaisedQuotas;
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
   * The claims that responses pass on to the back end, in the context of an Allow: `custom:tenant` as `custom_tenant`. The
   * context then has the `issuer`, too.
   *
   * @default - none
   */
  readonly contextClaims?: readonly string[];
  /**
   * The claim that holds the API key of a caller, for REST APIs whose `apiKeySourceType` is `AUTHORIZER`. No user may be able
   * to write it, and the policy must not read it, since the key is a secret and the policy's input is logged.
   *
   * @default - responses have no API key, and such an API is refused
   */
  readonly usageKeyClaim?: string;
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

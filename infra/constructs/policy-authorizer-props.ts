import type { Duration } from "aws-cdk-lib";
import type { MethodSelection } from "../../contract/method-selection.ts";
import type { RaisedQuotas } from "../../gateway-rules/rule.ts";
import type { AuthorizerAlarmsProps } from "./authorizer-alarms.ts";
import type { AuthorizerFunctionProps } from "./authorizer-function.ts";
import type { AuthorizerReleaseProps } from "./authorizer-release.ts";
import type { CachingProps, NamedApi } from "./caching.ts";
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
   * The commit that the policy was built from, for the tags of the function and the outputs of the stack. It is not part of the
   * version: another commit with the same policy and settings moves no alias.
   *
   * @default - the value of the context `rego-authorizer:commit`, if the app has it
   */
  readonly commit?: string;
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
   * Alarms on faults, throttles, duration, keys that are not renewed, and unusual denials.
   *
   * @default - no alarms; with a `release`, all of them
   */
  readonly alarms?: AuthorizerAlarmsProps;
  /**
   * The id of the cache contract (`cache_contract.id` in `dist/authorizer/manifest.json`) on which authorizers rely that are
   * deployed already, and whose URI names no alias with a contract. Until their stage is deployed, they get responses under it.
   *
   * Set it for the one deployment that gives an API such an alias, and leave it out afterwards. The policy must have the contract of the one
   * that is deployed, and the TTLs, `tokenSource` and `httpResponse` must stay: synthesis does not see how the deployed authorizers cache.
   *
   * @default - such authorizers get 500
   */
  readonly unqualifiedContract?: string;
  /**
   * A number that makes other contracts, and so other aliases, of the same configuration. Raise it if CloudFormation reports that an
   * alias already exists: the contract is an earlier one again, and its alias was retained.
   *
   * @default 1
   */
  readonly contractGeneration?: number;
  /**
   * CodeDeploy moves the aliases to a new version step by step. It does so if the contract of an API stays, such as when only grants
   * change; a new contract has a new alias.
   *
   * @default - aliases move to the new version at once
   */
  readonly release?: AuthorizerReleaseProps;
}

/** An attachment that enforces decisions. */
interface Enforcing extends CachingProps {
  readonly reportOnly?: never;
}

/** An attachment that only reports decisions. It caches nothing, and API Gateway invokes the authorizer for every request. */
export interface ReportOnly extends NamedApi {
  /**
   * The authorizer decides and logs, and lets every request through. It is for methods that are open today: a company sees what
   * would be refused, before it is. `rego-authorizer log --report-only` sums it up.
   *
   * Its alias, its name and each line of the log say so, and the gate refuses it unless somebody accepts it with a reason.
   */
  readonly reportOnly: true;
  readonly ttl?: never;
  readonly ttlByAuthorizer?: never;
  readonly multipleDomains?: never;
  readonly type?: never;
}

/** An attachment to a REST API that enforces decisions. */
export interface EnforcingRest extends Enforcing {
  /**
   * A `TOKEN` authorizer gets only a header and the ARN of the method. The header alone is its cache key.
   *
   * @default "REQUEST"
   */
  readonly type?: "REQUEST" | "TOKEN";
}

/** How the methods of a REST API invoke the authorizer, and which of them do. */
export type RestAttachment = MethodSelection & (EnforcingRest | ReportOnly);

/** How the routes of an HTTP API invoke the authorizer, and which of them do. */
export type HttpAttachment = MethodSelection & (Enforcing | ReportOnly);

/**
 * How the authorizers are written into a document, and at which operations. With another authorizer's security scheme an operation is
 * named in `keep` by that, and the reason is written into the document for the gate. The policy's authorizers replace all others but IAM
 * authorization; report-only ones replace none.
 */
export type SecuringProps = HttpAttachment;

/** How `$connect` of a WebSocket API invokes the authorizer. */
export type WebSocketAttachment = NamedApi & Partial<Pick<ReportOnly, "reportOnly">>;

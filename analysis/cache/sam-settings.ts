import type { CachingApi } from "../../contract/api-kinds.ts";
import type { DescribedApi } from "./described-apis.ts";

/** The properties that say which events the authorizers of an API get. */
const PAYLOADS: Readonly<Record<CachingApi, object>> = {
  rest: { FunctionPayloadType: "REQUEST" },
  http: { AuthorizerPayloadFormatVersion: "2.0", EnableSimpleResponses: false },
};

/**
 * Makes an authorizer of the `Auth` of an `AWS::Serverless::Api` or `AWS::Serverless::HttpApi`.
 *
 * @param functionArn - The alias that it invokes.
 * @param hasPermission - AWS SAM adds the permission to invoke it. For a REST API it always does.
 */
export function toSamAuthorizer(
  api: CachingApi,
  authorizer: DescribedApi["authorizers"][string],
  functionArn: unknown,
  hasPermission: boolean,
): object {
  const { identity_sources: sources, ttl_s: ttlS } = authorizer;
  return {
    FunctionArn: functionArn,
    ...PAYLOADS[api],
    ...(api === "http" && hasPermission && { EnableFunctionDefaultPermissions: true }),
    Identity: { ...toIdentity(sources), ReauthorizeEvery: ttlS },
  };
}

/**
 * Names the authorizers of an API, each by its name in the contract. AWS SAM makes logical ids of the names, so they have letters and
 * digits only: `requestHeaderXTenant3fa94c01be77`.
 */
export function toSamNames({ authorizers, contract }: DescribedApi): Readonly<Record<string, string>> {
  const taken = new Set<string>();
  return Object.fromEntries(
    Object.keys(authorizers).map((name) => {
      const plain = name.replaceAll(/[^A-Za-z0-9]+(.?)/g, (_, next: string) => next.toUpperCase());
      // Two names may differ in their signs only.
      const number = Array.from({ length: taken.size + 1 }, (_, at) => (at === 0 ? "" : `${at + 1}x`));
      const free = number.map((one) => plain + one).find((one) => !taken.has(one)) ?? plain;
      taken.add(free);
      return [name, free + contract];
    }),
  );
}

function toIdentity(sources: readonly string[]): object {
  const named = (prefix: RegExp) =>
    sources.flatMap((source) => (prefix.test(source) ? [source.replace(prefix, "")] : []));
  const identity = {
    Headers: named(/^(method\.|\$)request\.header\./),
    QueryStrings: named(/^(method\.|\$)request\.querystring\./),
    Context: named(/^\$?context\./),
  };
  return Object.fromEntries(Object.entries(identity).filter(([, names]) => names.length > 0));
}

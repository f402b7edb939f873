import { groupBy } from "../contract/group-by.ts";
import type { Arrival, WireRequest } from "./arrival.ts";
import { DEFAULT_DOMAIN } from "./simulated-api.ts";

/** The parts that an event is made from. */
export interface EventParts {
  readonly arrival: Arrival;
  readonly stage: string;
  /** `methodArn` or `routeArn`. */
  readonly arn: string;
  /** The evaluated identity sources, in order. */
  readonly identity: readonly string[];
  readonly requestId: string;
  readonly nowMs: number;
}

/** Makes the field for the client's certificate. Only custom domains have mutual TLS. */
export function toClientCertificate({ request, domainName }: Arrival): object {
  const { clientCertificate } = request;
  return domainName === DEFAULT_DOMAIN || clientCertificate === undefined ? {} : { clientCert: clientCertificate };
}

/** Groups values by name, in order. */
export function groupValues(
  pairs: readonly (readonly [string, string])[],
): Readonly<Record<string, readonly string[]>> {
  const groups = groupBy(pairs, ([name]) => name);
  return Object.fromEntries([...groups].map(([name, values]) => [name, values.map(([, value]) => value)]));
}

/** Finds the first value of a header.
 *
 * @param name - In lower case.
 */
export function headerOf({ headers }: WireRequest, name: string): string | undefined {
  return headers.find(([other]) => other.toLowerCase() === name)?.[1];
}

import type { Finding } from "./finding.ts";
import type { GateDomain, GateMapping, Model } from "./model.ts";
import { referencesIn, toReadable, toResource } from "./references.ts";

/** Finds APIs that a domain with mutual TLS leads to, and that everybody reaches without a certificate at API Gateway's own domain. */
export function findOpenEndpoints({ apis, domains, mappings }: Model): readonly Finding[] {
  const secured = domains.filter(({ hasMutualTls }) => hasMutualTls);
  return mappings
    .filter((mapping) => secured.some((domain) => leadsFrom(mapping, domain)))
    .flatMap(({ api: key, place, names }): readonly Finding[] => {
      const found = apis.filter((api) => api.key === key);
      if (found.length > 0 && found.every(({ isEndpointDisabled }) => isEndpointDisabled)) return [];
      const [first] = found;
      const api = first === undefined ? `the API ${toReadable(key)}` : (first.place.path ?? first.place.id);
      const cause =
        first === undefined
          ? `a domain with mutual TLS leads to ${api}, which is not in the files, so it is not known whether its own endpoint is disabled`
          : `a domain with mutual TLS leads to ${api}, whose own endpoint asks for no certificate`;
      return [
        {
          code: "endpoint.open",
          place: first?.place ?? place,
          cause,
          advice:
            "set DisableExecuteApiEndpoint of the API to true, or accept it by its name, with the reason why it may be reached without a certificate",
          names: [...names, ...found.flatMap((one) => one.names), toReadable(key)],
        },
      ];
    });
}

function leadsFrom({ domain: text }: GateMapping, { key, name }: GateDomain): boolean {
  if (referencesIn(text).map(toResource).includes(key)) return true;
  return name !== undefined && (text === name || text.includes(`/domainnames/${name}`));
}

import { traitsOf } from "../../contract/api-kinds.ts";
import { BASE_CACHE_KEY } from "../../contract/cache-key.ts";
import { ofToken } from "../../contract/identity-sources.ts";
import type { TokenSource } from "../../contract/token-source.ts";
import { valuesOf } from "./bearer-token.ts";
import type { GatewayEvent } from "./event.ts";

/**
 * Tells whether the cache key of an HTTP API's authorizer, as its event shows it, has every part of the base key.
 *
 * AWS does not fully document which context variables can be identity sources, so the authorizer checks each event
 * instead of trusting the deployment. Payload 1.0 has the values in one text, in the order of the deployment. There the
 * base key must come first, in its own order.
 */
export function coversCacheKey(event: GatewayEvent, tokenSources: readonly TokenSource[]): boolean {
  const values = BASE_CACHE_KEY.http.map((part) => partValuesOf(event, part, tokenSources));
  const { cacheKeyIn } = traitsOf(event.kind);
  switch (cacheKeyIn) {
    case "one_text": {
      // A value may have commas, so the expected texts are joined instead of splitting the event's text.
      const [text = ""] = event.identitySource;
      return joined(values).some((key) => text === key || text.startsWith(`${key},`));
    }
    case "list": {
      const left = [...event.identitySource];
      return values.every((forms) => {
        const at = left.findIndex((value) => forms.includes(value));
        if (at >= 0) left.splice(at, 1);
        return at >= 0;
      });
    }
    case "nothing":
      return false;
    default:
      return cacheKeyIn satisfies never;
  }
}

/** Lists every text that joins one form of each value with commas. */
function joined(values: readonly (readonly string[])[]): readonly string[] {
  return values.reduce<readonly string[]>(
    (texts, forms, at) => texts.flatMap((text) => forms.map((form) => (at === 0 ? form : `${text},${form}`))),
    [""],
  );
}

/** Lists the forms in which an event's identity source may have a part of the key; empty if the event lacks the part. */
function partValuesOf(event: GatewayEvent, part: string, tokenSources: readonly TokenSource[]): readonly string[] {
  switch (part) {
    case "token": {
      const source = ofToken(traitsOf(event.kind).api, tokenSources);
      if (source === undefined || source.from === "context") return [];
      return valuesOf(event, source.from, source.name);
    }
    case "method":
      return present(event.methods);
    case "path":
      return present([...event.paths, event.arn.path]);
    case "route":
      return routeKeysOf(event);
    default:
      return [];
  }
}

/** Lists the forms of the route key. Payload 1.0 has the route without its verb, which may be the method or `ANY`. */
function routeKeysOf({ kind, methods, route }: GatewayEvent): readonly string[] {
  if (traitsOf(kind).cacheKeyIn !== "one_text") return present([route]);
  return methods.flatMap((method) => [`${method} ${route}`, `ANY ${route}`, `${route}`]);
}

function present(values: readonly (string | undefined)[]): readonly string[] {
  return values.filter((value) => value !== undefined);
}

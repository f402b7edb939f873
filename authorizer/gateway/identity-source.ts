import type { TokenSource } from "./bearer-token.ts";
import type { GatewayEvent } from "./event.ts";
import { parseMethodArn } from "./method-arn.ts";

/**
 * What an answer may depend on, by the name that `CACHE_CONTRACT` has for it: `token`, `method`, `path`, `route`,
 * `source_ip`, `domain`, `header.<name>`, `query.<name>`.
 */
export type Source = string;

/** The least that a REST API's key has, so that an answer for one method and path stays with it. */
export const REST_KEY: readonly Source[] = ["token", "method", "path"];

/** The least that an HTTP API's key has: its answers are shared by all routes otherwise. */
export const HTTP_KEY: readonly Source[] = ["token", "route", "method", "path"];

/**
 * Whether an HTTP API's event was asked for under a key that has all of {@link HTTP_KEY} in it.
 *
 * Which context variables may be identity sources is not fully documented; so it is looked at rather than trusted.
 * Payload 1.0 has them in one text, in the order of the deployment: there they must come first, in this order.
 */
export function hasKey(event: GatewayEvent, tokenSource: TokenSource): boolean {
  const values = HTTP_KEY.map((source) => valuesOf(event, source, tokenSource));
  if (event.kind === "http-1") {
    // Put together rather than cut, since a value may have commas.
    const [text = ""] = event.identitySource;
    return joined(values).some((key) => text === key || text.startsWith(`${key},`));
  }
  const left = [...event.identitySource];
  return values.every((forms) => {
    const at = left.findIndex((value) => forms.includes(value));
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
}

/** Every text that has one form of each value, with commas between. */
function joined(values: readonly (readonly string[])[]): readonly string[] {
  return values.reduce<readonly string[]>(
    (texts, forms, at) => texts.flatMap((text) => forms.map((form) => (at === 0 ? form : `${text},${form}`))),
    [""],
  );
}

/** The forms in which an event's source may be given; none if the event lacks it. */
function valuesOf(event: GatewayEvent, source: Source, tokenSource: TokenSource): readonly string[] {
  switch (source) {
    case "token":
      return (tokenSource.from === "header" ? event.headers : event.query).get(tokenSource.name) ?? [];
    case "method":
      return present(event.methods);
    case "path": {
      const arn = parseMethodArn(event.arn);
      return present([...event.paths, arn.ok ? arn.value.path : undefined]);
    }
    case "route":
      return event.kind === "http-1"
        ? event.methods.flatMap((method) => [`${method} ${event.route}`, `ANY ${event.route}`, `${event.route}`])
        : present([event.route]);
    default:
      return [];
  }
}

function present(values: readonly (string | undefined)[]): readonly string[] {
  return values.filter((value) => value !== undefined);
}

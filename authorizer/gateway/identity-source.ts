import type { TokenSource } from "./bearer-token.ts";
import type { GatewayEvent } from "./event.ts";
import { parseMethodArn } from "./method-arn.ts";

/**
 * What an answer may depend on, by the name that `CACHE_CONTRACT` has for it: `token`, `method`, `path`, `route`,
 * `source_ip`, `domain`, `header.<name>`, `query.<name>`.
 */
export type Source = string;

/**
 * Whether an HTTP API's event was asked for under a key that has these sources in it.
 *
 * Which context variables may be identity sources is not fully documented; so it is looked at rather than trusted.
 *
 * @param sources - In the order of the deployment, which matters to payload 1.0: it has them joined to one text.
 */
export function hasKey(event: GatewayEvent, tokenSource: TokenSource, sources: readonly Source[]): boolean {
  const values = sources.map((source) => valuesOf(event, source, tokenSource));
  if (event.kind === "http-1") {
    // Put together rather than cut, since a value may have commas.
    return joined(values).some((text) => text === event.identitySource[0]);
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
      return named(event, tokenSource.from, tokenSource.name);
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
    case "source_ip":
      return event.sourceIp === undefined ? [] : [event.sourceIp, `::ffff:${event.sourceIp}`];
    case "domain":
      return present([event.domainName]);
    default: {
      const [, from, name = ""] = /^(header|query)\.(.*)$/s.exec(source) ?? [];
      return named(event, from, name);
    }
  }
}

function named({ headers, query }: GatewayEvent, from: string | undefined, name: string): readonly string[] {
  return (from === "header" ? headers : query).get(name) ?? [];
}

function present(values: readonly (string | undefined)[]): readonly string[] {
  return values.filter((value) => value !== undefined);
}

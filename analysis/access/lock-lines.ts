import type { AccessLine, Apis, Region, Terms, Who } from "./model.ts";
import { formatPath, formatValue, parseValue, splitUnquoted } from "./quoted.ts";
import { formatWho, parseWho } from "./who.ts";

const EVERYBODY: Who = { atoms: [], issuer: undefined };

/** Formats a line of a lock: `allow | group Admins | DELETE,PUT | /admin/ledger/{+} | when in_the_office`. */
export function formatLine(line: AccessLine): string {
  const { kind, verbs, region, apis } = line;
  const fields = [
    kind,
    formatHolder(line),
    verbs.join(","),
    formatRegion(region),
    ...extrasOf(line),
    ...formatApis(apis),
  ];
  return fields.join(" | ");
}

function formatHolder(line: AccessLine): string {
  if (line.kind === "allow") return formatWho(line.who);
  return line.kind === "public" || line.who.atoms.length === 0 ? "everyone" : formatWho(line.who);
}

function extrasOf(line: AccessLine): readonly string[] {
  switch (line.kind) {
    case "allow":
      return formatTerms(line.terms);
    case "deny":
      return line.unless.length === 0 ? [] : [`unless ${formatInstances(line.unless)}`];
    case "public":
      return [];
    default:
      return line satisfies never;
  }
}

/** Formats paths: `/admin/{+} except /admin/ledger/{+}`. */
export function formatRegion({ path, except }: Region): string {
  return except.length === 0 ? formatPath(path) : `${formatPath(path)} except ${except.map(formatPath).join(", ")}`;
}

/** Formats what must hold: `own 1=custom:customer_id` and `when in_the_office`. */
export function formatTerms({ conditions, own }: Terms): readonly string[] {
  return [
    ...(own.length === 0 ? [] : [`own ${own.map(([at, claim]) => `${at}=${formatValue(claim)}`).join(" + ")}`]),
    ...(conditions.length === 0 ? [] : [`when ${formatInstances(conditions)}`]),
  ];
}

function formatInstances(instances: readonly string[]): string {
  return instances.map((one) => (/^[A-Za-z_]\w*(\([\d,+-]+\))?$/.test(one) ? one : JSON.stringify(one))).join(" + ");
}

/** Formats the APIs of a line: `api orders`; nothing for all. */
export function formatApis(apis: Apis): readonly string[] {
  if (apis === undefined) return [];
  return "only" in apis ? [`api ${apis.only.join(",")}`] : [`api not ${apis.not.join(",")}`];
}

/** Parses what {@link formatLine} formatted; gives undefined for anything else. */
export function parseLine(text: string): AccessLine | undefined {
  const [kind, holder = "", listed = "", area = "", ...extras] = splitUnquoted(text, " | ");
  const verbs = listed.split(",");
  const region = parseRegion(area);
  if (region === undefined || !verbs.every((verb) => /^[A-Z]+$/.test(verb))) return undefined;
  const read = parseExtras(extras);
  if (read === undefined) return undefined;
  const { own = [], when = [], unless, apis } = read;
  switch (kind) {
    case "allow": {
      const who = parseWho(holder);
      if (who === undefined || unless !== undefined) return undefined;
      return { kind, who, verbs, region, terms: { conditions: when, own }, apis };
    }
    case "deny": {
      const who = holder === "everyone" ? EVERYBODY : parseWho(holder);
      if (who === undefined || own.length + when.length > 0) return undefined;
      return { kind, who, verbs, region, unless: unless ?? [], apis };
    }
    case "public":
      return holder === "everyone" && Object.keys(read).every((key) => key === "apis")
        ? { kind, verbs, region, apis }
        : undefined;
    default:
      return undefined;
  }
}

function parseRegion(text: string): Region | undefined {
  const [first = "", listed, ...others] = splitUnquoted(text, " except ");
  const [path, ...except] = [first, ...(listed === undefined ? [] : splitUnquoted(listed, ", "))].map(parseValue);
  const isPath = (one: string | undefined): one is string => one?.startsWith("/") === true;
  return others.length === 0 && isPath(path) && except.every(isPath) ? { path, except } : undefined;
}

interface Extras {
  own?: Terms["own"];
  when?: readonly string[];
  unless?: readonly string[];
  apis?: Apis;
}

function parseExtras(fields: readonly string[]): Extras | undefined {
  const found: Extras = {};
  for (const field of fields) {
    const space = field.indexOf(" ");
    const [key, rest] = [field.slice(0, space), field.slice(space + 1)];
    if (key === "own") {
      const own = splitUnquoted(rest, " + ").map(parseOwn);
      if (!own.every((one) => one !== undefined)) return undefined;
      found.own = own;
    } else if (key === "when" || key === "unless") {
      const names = splitUnquoted(rest, " + ").map(parseValue);
      if (!names.every((name) => name !== undefined)) return undefined;
      found[key] = names;
    } else if (key === "api") {
      found.apis = rest.startsWith("not ") ? { not: rest.slice(4).split(",") } : { only: rest.split(",") };
    } else return undefined;
  }
  return found;
}

function parseOwn(text: string): readonly [number, string] | undefined {
  const [, at, rest = ""] = /^(\d+)=(.+)$/.exec(text) ?? [];
  const claim = parseValue(rest);
  return at === undefined || claim === undefined ? undefined : [Number(at), claim];
}

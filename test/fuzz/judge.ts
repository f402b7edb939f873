import { CONDITIONS } from "../support/arbitraries.ts";
import { decide, type Input } from "../support/oracle.ts";
import { FUZZ_POLICY } from "./policy.ts";
import type { Tokens } from "./tokens.ts";

/**
 * Decides a second time whether an event may be allowed: from the event as it is sent, without code of the authorizer.
 *
 * It accepts more differences between fields as agreement than the authorizer does, and never differs on the path, the
 * method and the principal.
 *
 * @returns The ARN that may be allowed, or undefined.
 */
export function mayAllow(event: unknown, { good }: Tokens): string | undefined {
  if (typeof event !== "object" || event === null) return undefined;
  const fields = event as Readonly<Record<string, unknown>>;
  const principal = good.get(tokenIn(fields) ?? "");
  const arn = fields["routeArn"] ?? fields["methodArn"];
  if (principal === undefined || typeof arn !== "string") return undefined;

  const resource = arn.split(":").slice(5).join(":");
  const [, , verb = "", ...rest] = resource.split("/");
  const isConnect = verb === "$connect" && rest.length === 0;
  const isDecoded = fields["version"] === "1.0" || fields["version"] === "2.0";
  const path = isConnect ? "/" : canonical(rest, isDecoded);
  if (path === undefined) return undefined;

  const context = Object(fields["requestContext"]);
  const address = Object(context.http).sourceIp ?? Object(context.identity).sourceIp;
  const request = {
    method: isConnect ? "CONNECT" : verb,
    path,
    ...(typeof address === "string" && { source_ip: address }),
  };
  const input: Input = { principal, request, now_s: Date.now() / 1000 };
  const decision = decide(FUZZ_POLICY, CONDITIONS, input) as { readonly effect: string };
  return decision.effect === "allow" ? arn : undefined;
}

/** Finds the one token of the event; undefined if there are two, wherever they are. */
function tokenIn(fields: Readonly<Record<string, unknown>>): string | undefined {
  const { type, version, authorizationToken, headers, multiValueHeaders, rawQueryString, cookies } = fields;
  const { queryStringParameters, multiValueQueryStringParameters, requestContext } = fields;
  // Payload 2.0 has no multi-valued view.
  const valuesOf = (name: string, ...views: readonly unknown[]) =>
    (version === "2.0" ? views.slice(0, 1) : views)
      .flatMap((view) => Object.entries(Object(view)))
      .flatMap(([other, value]) => (other.toLowerCase() === name ? [value].flat() : []))
      .filter((value) => value !== undefined && value !== null);
  const inHeader = (name: string) => valuesOf(name, headers, multiValueHeaders);
  const inCookies = [...inHeader("cookie"), ...(version === "2.0" && Array.isArray(cookies) ? cookies : [])].flatMap(
    (text) => [...String(text).matchAll(/(?:^|;)\s*session\s*=([^;]*)/g)].map(([, value = ""]) => value.trim()),
  );
  const isRaw = version === "2.0" && typeof rawQueryString === "string";
  const parsedViews = [queryStringParameters, ...(version === "2.0" ? [] : [multiValueQueryStringParameters])];
  const inQuery = [
    ...(isRaw ? new URLSearchParams(rawQueryString).getAll("token") : []),
    ...parsedViews.flatMap((view) => Object(view).token ?? []),
  ];
  // A field that is null is as if it were missing.
  const isWebSocket = (version === undefined || version === null) && Object(requestContext).eventType !== undefined;
  const offered = isWebSocket ? inHeader("sec-websocket-protocol").flatMap((text) => String(text).split(",")) : [];
  const inOffer = offered.filter((_, at) => offered[at - 1]?.trim().toLowerCase() === "bearer");
  const texts = [
    ...inHeader("authorization"),
    ...inCookies.map((value) => value.replace(/^"([^"]*)"$/, "$1")),
    ...inQuery,
    ...inOffer.map((value) => value.trim()),
  ];
  const [text, ...others] = new Set(type === "TOKEN" ? [authorizationToken] : texts);
  return others.length === 0 && typeof text === "string" ? text.replace(/^bearer +/i, "") : undefined;
}

/** Decodes the path of segments that have one reading only. */
function canonical(segments: readonly string[], isDecoded: boolean): string | undefined {
  if (segments.length === 1 && segments[0] === "") return "/";
  const decoded: string[] = [];
  for (const segment of segments) {
    let text = segment;
    try {
      text = isDecoded ? segment : decodeURIComponent(segment);
    } catch {
      return undefined;
    }
    const isOnlySpelling = isDecoded || !/%(3\d|[46]1|7e|2e|2d|5f)/i.test(segment);
    const isOdd = text === "" || text === "." || text === ".." || /[\\/%*?#;]|\$\{/.test(text) || hasControl(text);
    if (isOdd || !isOnlySpelling || !text.isWellFormed()) return undefined;
    decoded.push(text);
  }
  return `/${decoded.join("/")}`;
}

function hasControl(text: string): boolean {
  const codes = [...text].map((character) => character.codePointAt(0) ?? 0);
  return codes.some((code) => code < 0x20 || (code >= 0x7f && code <= 0x9f));
}

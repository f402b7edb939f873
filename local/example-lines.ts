import type { Asked } from "./example-requests.ts";
import type { TokenPlace } from "./token-place.ts";
import { CLIENT_ID, CLIENT_SECRET, PASSWORD } from "./users.ts";
import type { WelcomeCaller, WelcomeExample } from "./welcome-example.ts";

/** Formats lines for a shell: get a token, send the request that is allowed, and the one that is denied. */
export function formatExample(
  { caller, allowed, denied }: WelcomeExample,
  gateway: string,
  issuer: string,
  place: TokenPlace,
): string {
  const who = caller.account.name;
  const second = denied === undefined ? "the second line is allowed" : "the second line is allowed, the third denied";
  const none = denied === undefined ? [`  No request of the policy that is denied to ${who} was found.\n`] : [];
  return [
    caller.kind === "user"
      ? `  Sign in as ${who} and call: ${second}.\n`
      : `  Get a token for ${who} and call: ${second}.\n`,
    ...none,
    formatToken(caller, issuer),
    formatCall(allowed, gateway, place),
    ...(denied === undefined ? [] : [formatCall(denied, gateway, place)]),
  ].join("\n");
}

function formatToken(caller: WelcomeCaller, issuer: string): string {
  if (caller.kind === "machine") {
    const client = quote(`${caller.account.name}:${CLIENT_SECRET}`);
    return formatAssignment(
      `curl -s ${issuer}/oauth2/token -u ${client} -d grant_type=client_credentials`,
      "access_token",
    );
  }
  const body = JSON.stringify({
    AuthFlow: "USER_PASSWORD_AUTH",
    ClientId: CLIENT_ID,
    AuthParameters: { USERNAME: caller.account.name, PASSWORD },
  });
  const target = "-H 'X-Amz-Target: AWSCognitoIdentityProviderService.InitiateAuth'";
  const field = caller.tokenUse === "id" ? "IdToken" : "AccessToken";
  return formatAssignment(`curl -s ${issuer}/ ${target} -d ${quote(body)}`, field);
}

function formatAssignment(command: string, field: string): string {
  return `TOKEN=$(${command} | sed 's/.*"${field}":"\\([^"]*\\)".*/\\1/')`;
}

function formatCall({ method, path }: Asked, gateway: string, { headers, query }: TokenPlace): string {
  const verb = { GET: "-i", HEAD: "-I" }[method] ?? `-i -X ${method}`;
  const search = query === "" ? "" : inQuotes(`?${query}`);
  const sent = headers.map(([name, value]) => ` -H ${inQuotes(`${name}: ${value}`)}`).join("");
  return `curl ${verb} ${quote(`${gateway}${path}`)}${search}${sent}`;
}

/** Quotes a word in which a shell replaces `$TOKEN` and nothing else. */
function inQuotes(word: string): string {
  return `"${word.replaceAll(/[\\"`]|\$(?!TOKEN\b)/g, "\\$&")}"`;
}

/** Quotes a word for a shell, if it has other characters than those of a plain URL. */
function quote(word: string): string {
  return /^[\w.:/%+,@=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

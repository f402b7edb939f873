import { ADDRESS, ANYTHING, CLAIM, CUSTOM_CLAIM, NUMBER, REQUEST_LIST, type Shape, TEXT, TEXTS } from "./shapes.ts";

/** A part of a reference; undefined if it depends on the request. */
export type Key = string | number | undefined;

/**
 * Gives the shape of a field of the input, by the path to it. The authorizer ensures these types; the rest can be anything.
 *
 * @see policies/schemas/input.json
 */
export function shapeOfInput([root, ...path]: readonly Key[]): Shape {
  const [branch, name] = path;
  switch (root) {
    case "now_s":
      return path.length === 0 ? NUMBER : ANYTHING;
    case "params":
      return path.length === 1 ? TEXT : ANYTHING;
    case "request":
      if (branch === "headers" || branch === "query")
        return [ANYTHING, ANYTHING, REQUEST_LIST, TEXT][path.length] ?? ANYTHING;
      if (branch === "client_certificate") return path.length === 2 ? shapeOfCertificate(name) : ANYTHING;
      return path.length === 1 ? (branch === "source_ip" ? ADDRESS : TEXT) : ANYTHING;
    case "principal":
      if (branch !== "claims") return path.length === 1 ? TEXT : ANYTHING;
      return path.length === 2 ? shapeOfClaim(name) : ANYTHING;
    default:
      return ANYTHING;
  }
}

/** Gives the shape of a field of the client's certificate: times are seconds, other fields are text. */
function shapeOfCertificate(name: Key): Shape {
  return name === "valid_from_s" || name === "valid_until_s" ? NUMBER : TEXT;
}

/** The claims whose types the authorizer ensures, since it refuses a token in which they have another. */
const CLAIMS: Readonly<Record<string, Shape>> = { iss: TEXT, sub: TEXT, exp: NUMBER, "cognito:groups": TEXTS };

function shapeOfClaim(name: Key): Shape {
  if (typeof name !== "string") return ANYTHING;
  if (name.startsWith("custom:")) return CUSTOM_CLAIM;
  return Object.hasOwn(CLAIMS, name) ? (CLAIMS[name] ?? CLAIM) : CLAIM;
}

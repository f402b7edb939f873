import { isIP } from "node:net";
import { CALENDAR_FIELDS } from "../../contract/calendar.ts";
import { own } from "../../contract/json.ts";
import { HTTP_METHODS } from "../../contract/route.ts";
import {
  ADDRESS,
  ANYTHING,
  CLAIM,
  CUSTOM_CLAIM,
  HEADER,
  HEADER_VALUE,
  NUMBER,
  REQUEST_LIST,
  type Shape,
  TEXT,
  TEXTS,
  toWord,
} from "./shapes.ts";

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
      if (branch === "headers") return [ANYTHING, ANYTHING, HEADER, HEADER_VALUE][path.length] ?? ANYTHING;
      if (branch === "query") return [ANYTHING, ANYTHING, REQUEST_LIST, TEXT][path.length] ?? ANYTHING;
      if (branch === "client_certificate") return path.length === 2 ? shapeOfCertificate(name) : ANYTHING;
      return path.length === 1 ? (own<Shape>(REQUEST_FIELDS, String(branch)) ?? TEXT) : ANYTHING;
    case "principal":
      if (branch !== "claims")
        return path.length === 1 ? (own<Shape>(PRINCIPAL_FIELDS, String(branch)) ?? TEXT) : ANYTHING;
      return path.length === 2 ? shapeOfClaim(name) : ANYTHING;
    case "calendar":
      return path.length === 2 ? shapeOfCalendar(name) : ANYTHING;
    default:
      return ANYTHING;
  }
}

const REQUEST_FIELDS: Readonly<Record<string, Shape>> = {
  method: toWord([...HTTP_METHODS, "CONNECT"]),
  path: {
    ...TEXT,
    form: { isPossible: (text) => text.startsWith("/"), description: 'a path, which begins with "/"' },
  },
  source_ip: { ...ADDRESS, form: { isPossible: (text) => isIP(text) !== 0, description: "an IP address" } },
};

const PRINCIPAL_FIELDS: Readonly<Record<string, Shape>> = {
  kind: toWord(["user", "machine"]),
  token_use: toWord(["access", "id"]),
};

const WEEKDAY = toWord(["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]);
const DATE: Shape = {
  ...TEXT,
  form: { isPossible: (text) => /^\d{4}-\d\d-\d\d$/.test(text), description: "a date like 2026-11-25" },
};

/** Gives the shape of a field of the calendar. */
function shapeOfCalendar(field: Key): Shape {
  if (field === "weekday") return WEEKDAY;
  if (field === "date") return DATE;
  return own<string>(CALENDAR_FIELDS, String(field)) === "number" ? NUMBER : ANYTHING;
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

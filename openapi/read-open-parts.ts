import { readFile } from "node:fs/promises";
import { isObject, isTexts } from "../contract/json.ts";
import { err, ok, type Result } from "../contract/result.ts";
import type { Route } from "../contract/route.ts";
import { parseDocumentText } from "./document-text.ts";
import { isMockPreflight, isOpen, readIntent } from "./intent.ts";
import { operationsOf } from "./operations.ts";

/** The parts of an API that answer without its authorizer. */
export interface OpenParts {
  /** Operations that the document says are open to everybody. */
  readonly open: readonly Route[];
  /** Preflights of a REST API: `OPTIONS` with a mock integration. */
  readonly preflights: readonly MockPreflight[];
  /** The CORS configuration of an HTTP API. */
  readonly cors: DocumentedCors | undefined;
}

/** A preflight that API Gateway answers by itself. */
interface MockPreflight {
  readonly path: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** The object `x-amazon-apigateway-cors`, with a value for every key. */
interface DocumentedCors {
  readonly allowOrigins: readonly string[];
  readonly allowMethods: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly maxAgeS: number | undefined;
  readonly allowCredentials: boolean;
}

const CORS_EXTENSION = "x-amazon-apigateway-cors";

/**
 * Reads the parts of an API that answer without its authorizer, from its OpenAPI document.
 *
 * @returns The parts; or the errors in the document, a line each.
 */
export async function readOpenParts(file: string): Promise<Result<OpenParts, readonly string[]>> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch {
    return err([`${file}: can't be read`]);
  }
  const document = parseDocumentText(text);
  if (!document.ok) return err([`${file}: ${document.error}`]);
  const parts = toOpenParts(document.value);
  return parts.ok ? parts : err([`${file}: ${parts.error}`]);
}

/** Finds the parts of a document that answer without the authorizer. */
export function toOpenParts(document: unknown): Result<OpenParts, string> {
  const cors = toCors(Object(document)[CORS_EXTENSION]);
  if (!cors.ok) return cors;
  const operations = operationsOf(document);
  return ok({
    // An open preflight with a back end is answered by that.
    open: operations
      .filter((one) => !isMockPreflight(one) && isOpen(readIntent(document, one)))
      .map(({ verb, path }) => ({ verb, path })),
    preflights: operations
      .filter(isMockPreflight)
      .map(({ path, operation }) => ({ path, ...toMockResponse(operation["x-amazon-apigateway-integration"]) })),
    cors: cors.value,
  });
}

/**
 * Reads the response of a mock integration: its default response, with the headers that are constants.
 *
 * @see API Gateway developer guide, "x-amazon-apigateway-integration.responses object"
 */
function toMockResponse(integration: unknown): Omit<MockPreflight, "path"> {
  const responses = Object(Object(integration).responses);
  const response = Object(responses.default ?? Object.values(responses)[0]);
  const parameters = Object.entries(Object(response.responseParameters)).flatMap(([name, value]) => {
    const [, header] = /^method\.response\.header\.(.+)$/.exec(name) ?? [];
    const [, constant] = /^'(.*)'$/.exec(String(value)) ?? [];
    return header === undefined || constant === undefined ? [] : [[header.toLowerCase(), constant] as const];
  });
  const status = Number(response.statusCode);
  return {
    status: Number.isInteger(status) && status >= 200 && status < 600 ? status : 200,
    headers: Object.fromEntries(parameters),
  };
}

/** @see API Gateway developer guide, "x-amazon-apigateway-cors object" */
function toCors(value: unknown): Result<DocumentedCors | undefined, string> {
  if (value === undefined) return ok(undefined);
  if (!isObject(value)) return err(`${CORS_EXTENSION} must be an object, with allowOrigins among its keys`);
  const errors: string[] = [];
  const readTexts = (key: string): readonly string[] => {
    const texts = value[key] ?? [];
    if (isTexts(texts)) return texts;
    errors.push(`${CORS_EXTENSION}.${key} must be a list of texts`);
    return [];
  };
  const { maxAge, allowCredentials } = value;
  const cors = {
    allowOrigins: readTexts("allowOrigins"),
    allowMethods: readTexts("allowMethods"),
    allowHeaders: readTexts("allowHeaders"),
    exposeHeaders: readTexts("exposeHeaders"),
    maxAgeS: typeof maxAge === "number" ? maxAge : undefined,
    allowCredentials: allowCredentials === true,
  };
  const [error] = errors;
  return error === undefined ? ok(cors) : err(error);
}

import { API_NAME_RULE, isApiName } from "./deployment-alias.ts";
import { err, ok, type Result } from "./result.ts";

/** The OpenAPI document of an API, as `--openapi` gives it. */
export interface ApiDocument {
  /** The API's name, as its alias has it; undefined for the one document that needs no name. */
  readonly api: string | undefined;
  readonly file: string;
}

const FLAG = "--openapi";

/**
 * Parses the values of `--openapi`: `FILE` for the one API of a policy, or `NAME=FILE` for each of several.
 *
 * A name has no slash and no dot, so `./a=b.yaml` is a file.
 *
 * @returns The documents, or a line for every error.
 */
export function parseApiDocuments(texts: readonly string[]): Result<readonly ApiDocument[], readonly string[]> {
  const documents = texts.map(parseOne);
  const names = documents.map(({ api }) => api);
  const repeated = new Set(names.filter((name, at) => name !== undefined && names.indexOf(name) < at));
  const errors = [
    ...documents.flatMap(({ file }, at) => (file === "" ? [`${position(at)} names no file`] : [])),
    ...names.flatMap((name, at) =>
      name === undefined || isApiName(name)
        ? []
        : [
            `${position(at)}: the name of an API has ${API_NAME_RULE}; write ${FLAG} NAME=FILE, or ./ before a file with = in its name`,
          ],
    ),
    ...[...repeated].map((name) => `${FLAG} names the API ${name} more than once; give each API one document`),
    ...(documents.length > 1 && names.includes(undefined) ? [NEEDS_NAMES] : []),
  ];
  return errors.length > 0 ? err(errors) : ok(documents);
}

const NEEDS_NAMES = `with several documents, each ${FLAG} must name its API, as its alias does, like ${FLAG} orders=orders.yaml ${FLAG} billing=billing.yaml`;

function parseOne(text: string): ApiDocument {
  const [, api, file = ""] = /^([^=/\\.]*)=(.*)$/s.exec(text) ?? [];
  return api === undefined ? { api, file: text } : { api, file };
}

/** Formats the value of `--openapi` for a document; the inverse of {@link parseApiDocuments}. */
export function formatApiDocument({ api, file }: ApiDocument): string {
  return api === undefined ? file : `${api}=${file}`;
}

function position(at: number): string {
  return `${FLAG} at position ${at + 1}`;
}

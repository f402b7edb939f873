import type { InputReference, RequestValue } from "../../contract/manifest.ts";

/** The conditions' declarations about headers and query parameters, such as `request.headers.x-tenant`, by condition. */
interface Declarations {
  readonly required: ReadonlyMap<string, readonly string[]>;
  readonly multiple: ReadonlyMap<string, readonly string[]>;
}

/**
 * Lists the headers and query parameters that conditions read, with what the authorizer has to know of each.
 *
 * @param ofRequest - The references of each condition, without those to the principal.
 */
export function toRequestValues(
  ofRequest: ReadonlyMap<string, readonly InputReference[]>,
  { required, multiple }: Declarations,
): readonly RequestValue[] {
  const readers = new Map<string, { readonly read: InputReference; readonly conditions: string[] }>();
  for (const [condition, references] of [...ofRequest].sort(([one], [other]) => (one < other ? -1 : 1))) {
    for (const read of references.filter(([, branch]) => branch === "headers" || branch === "query")) {
      const key = read.join(".");
      const known = readers.get(key);
      if (known === undefined) readers.set(key, { read, conditions: [condition] });
      else known.conditions.push(condition);
    }
  }
  const isNamed = (declared: Declarations[keyof Declarations], field: string) =>
    [...declared.values()].some((fields) => fields.includes(field));
  return [...readers]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([field, { read, conditions }]) => ({
      from: read[1] === "headers" ? "header" : "query",
      name: read[2] ?? "",
      conditions,
      ...(isNamed(required, field) && { required: true as const }),
      ...(isNamed(multiple, field) && { multiple: true as const }),
    }));
}

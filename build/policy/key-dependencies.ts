import { isTexts } from "../../contract/json.ts";
import type { InputReference } from "../../contract/manifest.ts";
import type { ProblemCode } from "../../contract/problem-codes.ts";
import type { ParsedFile } from "../rego/files.ts";
import { nameOfRule } from "../rego/syntax-tree.ts";
import { isTime } from "./late-by.ts";
import type { Problem } from "./problem.ts";

/** A field that a condition reads besides the token. */
export interface CacheKeyDependency {
  /** `request.source_ip` */
  readonly read: string;
  readonly condition: string;
  /** The identity sources that the cache key needs; undefined if no identity source can stand for the field. */
  readonly sources: readonly string[] | undefined;
  /** Set for the time, if the condition says how late its passing may be noticed: the longest TTL, in seconds. */
  readonly lateByS?: number;
}

/**
 * The identity sources of a field. Path and method need none, since they are in every cache key; nor do API and stage, since
 * each stage of each API has its own cache.
 */
const SOURCES_OF_FIELD: Readonly<Record<string, readonly string[]>> = {
  "request.method": [],
  "request.path": [],
  "request.api_id": [],
  "request.stage": [],
  "request.source_ip": ["source_ip"],
};

/**
 * Derives the cache-key dependencies of each condition.
 *
 * @param ofRequest - The references of each condition, without those to the principal.
 * @param required - The headers and query parameters that each condition declares as sent with every request.
 * @param lateBy - How late the passing of time may be noticed, by condition, in seconds.
 */
export function keyDependenciesOf(
  ofRequest: ReadonlyMap<string, readonly InputReference[]>,
  required: ReadonlyMap<string, readonly string[]>,
  lateBy: ReadonlyMap<string, number>,
): ReadonlyMap<string, readonly CacheKeyDependency[]> {
  return new Map(
    [...ofRequest].map(([condition, references]) => {
      const dependencies = references.map((read): CacheKeyDependency => {
        const lateByS = isTime(read) ? lateBy.get(condition) : undefined;
        const named = { read: read.join("."), condition };
        // No cache key holds the time. If a late notice is allowed, the TTL limits it.
        if (lateByS !== undefined) return { ...named, sources: [], lateByS };
        return { ...named, sources: sourcesOf(read, required.get(condition) ?? []) };
      });
      return [condition, dependencies];
    }),
  );
}

function sourcesOf(read: InputReference, required: readonly string[]): readonly string[] | undefined {
  const [root, branch, name] = read;
  if (root === "params") return [];
  const text = read.join(".");
  // AWS does not document that an identity source can be a part of the client's certificate.
  if (branch === "client_certificate") return undefined;
  if (root === "request" && name !== undefined) {
    const kind = branch === "headers" ? "header" : "query";
    return required.includes(text) ? [`${kind}.${name}`] : undefined;
  }
  return SOURCES_OF_FIELD[text];
}

/** The headers and query parameters that conditions declare as sent with every request, in `custom.required`. */
export interface Required {
  readonly byCondition: ReadonlyMap<string, readonly string[]>;
  readonly problems: readonly Problem[];
}

/**
 * Reads `custom.required`, such as `["request.headers.x-tenant"]`.
 *
 * API Gateway refuses a request that lacks an identity source. So only the policy's authors can say that a header or query
 * parameter may be an identity source.
 */
export function readRequired(
  sources: readonly ParsedFile[],
  ofRequest: ReadonlyMap<string, readonly InputReference[]>,
): Required {
  const byCondition = new Map<string, readonly string[]>();
  const problems: Problem[] = [];
  for (const { file, module } of sources.filter(({ part }) => part === "conditions")) {
    for (const rule of module.rules ?? []) {
      const name = nameOfRule(rule);
      for (const { custom } of rule.annotations ?? []) {
        const list = custom?.["required"];
        if (list === undefined) continue;
        const report = (code: ProblemCode, message: string) =>
          problems.push({ code, file, line: rule.location.row, message: `${name}: ${message}` });
        if (!isTexts(list)) {
          report(
            "required.wrong_type",
            'required must be a list of headers and query parameters, like ["request.headers.x-tenant"]',
          );
          continue;
        }
        const read = (ofRequest.get(name) ?? []).map((path) => path.join("."));
        for (const text of list) {
          if (!/^request\.(headers|query)\../.test(text)) {
            const message = `required names ${text}, which is neither request.headers.<name> nor request.query.<name>`;
            report("required.not_a_source", message);
          } else if (!read.includes(text)) {
            report("required.not_read", `required names ${text}, which the condition does not read`);
          }
        }
        byCondition.set(name, [...(byCondition.get(name) ?? []), ...list]);
      }
    }
  }
  return { byCondition, problems };
}

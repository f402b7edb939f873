import { segmentsOf } from "../contract/path-template.ts";
import type { ApiShape } from "./api-shape.ts";
import { isGreedy, isVariable, nameOfVariable, nodesOf, type ResourceNode } from "./resource-tree.ts";
import type { Breach, Rule } from "./rule.ts";

const IMPORT_NOTES = 'API Gateway developer guide, "Amazon API Gateway important notes", REST APIs';

/** The characters of a literal segment. API Gateway itself takes `$`, which its documentation leaves out. */
const LITERAL = /^[A-Za-z0-9_.,:$-]*$/;

const PARAMETER_NAME = /^[A-Za-z0-9._$:-]+$/;

/** The rules about single paths. */
export const PATH_RULES: readonly Rule[] = [
  {
    code: "path.characters",
    title: "A segment of a path has letters, digits, and _ - . , : $ only",
    kinds: ["rest"],
    effect: "refused",
    source: IMPORT_NOTES,
    find: (shape) =>
      findParts(shape, ({ part }) => {
        if (isVariable(part) || /[{}]/.test(part) || LITERAL.test(part)) return undefined;
        return {
          cause: `the segment ${JSON.stringify(part)} has characters that API Gateway does not take`,
          remedy: "use letters, digits, and _ - . , : $ only, or a path parameter for the segment",
        };
      }),
  },
  {
    code: "path.partial_parameter",
    title: "A path parameter is a whole segment",
    kinds: ["rest"],
    effect: "refused",
    source: IMPORT_NOTES,
    find: (shape) =>
      findParts(shape, ({ part }) =>
        isVariable(part) || !/[{}]/.test(part)
          ? undefined
          : {
              cause: `the segment ${JSON.stringify(part)} has a parameter beside other text`,
              remedy: "make the whole segment a parameter, and split it in the backend",
            },
      ),
  },
  {
    code: "path.parameter_name",
    title: "The name of a path parameter has letters, digits, and . _ $ : - only",
    kinds: ["rest"],
    effect: "refused",
    source: 'API Gateway developer guide, "Amazon API Gateway API request and response data mapping reference"',
    find: (shape) =>
      findParts(shape, ({ part }) =>
        !isVariable(part) || PARAMETER_NAME.test(nameOfVariable(part))
          ? undefined
          : {
              cause: `the parameter ${part} has a name that API Gateway does not take`,
              remedy: "use one or more letters, digits, and . _ $ : -",
            },
      ),
  },
  {
    code: "path.empty_segment",
    title: "A resource has a path part",
    kinds: ["rest"],
    effect: "refused",
    source: 'API reference of Amazon API Gateway, "CreateResource", `pathPart`',
    find: ({ routes = [], resources = [] }) =>
      [...routes, ...resources]
        .filter(({ path }) => path.startsWith("/") && segmentsOf(path).slice(0, -1).includes(""))
        .map(({ path, where }) => ({
          where: [where],
          cause: `the path ${path} has two slashes in a row`,
          remedy: "remove one of them",
        })),
  },
  {
    code: "path.greedy_last",
    title: "A greedy parameter is the last segment",
    kinds: ["rest", "http"],
    effect: "refused",
    source: 'API Gateway developer guide, "Create routes for HTTP APIs in API Gateway", and "Set up a proxy resource"',
    find: (shape) =>
      nodesOf(shape)
        .filter(({ parent }) => isGreedy(segmentsOf(parent).at(-1) ?? ""))
        .map(({ path, parent, where }) => ({
          where: [where],
          cause: `${path} goes on after the greedy parameter ${segmentsOf(parent).at(-1)}`,
          remedy: "end the path with the greedy parameter, or take a parameter without +",
        })),
  },
  ...(["refused", "notice"] as const).map(
    (effect): Rule => ({
      code: "path.parameter_twice",
      title: "No two parameters of a path have one name",
      kinds: [effect === "refused" ? "rest" : "http"],
      effect,
      source: 'API reference of Amazon API Gateway, "PutMethod", `requestParameters`',
      find: ({ routes = [] }) =>
        routes.flatMap(({ path, where }): readonly Breach[] => {
          const names = segmentsOf(path).filter(isVariable).map(nameOfVariable);
          const twice = names.find((name, at) => names.indexOf(name) !== at);
          if (twice === undefined) return [];
          const cause = `two parameters of ${path} have the name ${twice}, and events show one of their values only`;
          return [{ where: [where], cause, remedy: "rename one of them" }];
        }),
    }),
  ),
  {
    code: "path.reserved",
    title: "API Gateway answers /ping and /sping itself",
    kinds: ["rest"],
    effect: "notice",
    source: 'API Gateway developer guide, "Amazon API Gateway important notes", REST and WebSocket APIs',
    find: (shape) =>
      nodesOf(shape)
        .filter(({ path }) => path === "/ping" || path === "/sping")
        .map(({ path, where }) => ({
          where: [where],
          cause: `${path} is for the health check of API Gateway, which answers it itself on a custom domain`,
          remedy: "take another path",
        })),
  },
];

/** Finds the segments of an API that break a rule, each once. */
function findParts(
  shape: ApiShape,
  judge: (node: ResourceNode) => Pick<Breach, "cause" | "remedy"> | undefined,
): readonly Breach[] {
  return nodesOf(shape).flatMap((node) => {
    const broken = judge(node);
    return broken === undefined ? [] : [{ where: [node.where], ...broken }];
  });
}

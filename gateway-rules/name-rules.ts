import type { Api } from "../contract/api-kinds.ts";
import { groupBy } from "../contract/group-by.ts";
import type { ModelShape, StageShape } from "./api-shape.ts";
import type { Breach, Rule } from "./rule.ts";

const MAX_NAME_CHARS = 128;

/** The stage of an HTTP API that is not part of the path. */
const DEFAULT_STAGE = "$default";

const STAGES = 'API reference of Amazon API Gateway, "CreateStage", and of V2, `stageName`';
const MODELS = 'API reference of Amazon API Gateway, "CreateModel", and of V2, `name`';

/** The rules about the names of stages and models. */
export const NAME_RULES: readonly Rule[] = [
  {
    code: "stage.name",
    title: "The name of a stage has 1 to 128 letters, digits, hyphens and underscores; an HTTP API may have $default",
    kinds: ["rest", "http", "websocket"],
    effect: "refused",
    source: STAGES,
    find: ({ kind, stages = [] }) =>
      stages
        .filter(({ name }) => name !== undefined && !isStageName(kind, name))
        .map(({ where, name }) => ({
          where: [where],
          cause: `${JSON.stringify(name)} is not the name of a stage`,
          remedy: `take 1 to ${MAX_NAME_CHARS} letters, digits, hyphens and underscores${kind === "http" ? ", or $default" : ""}`,
        })),
  },
  {
    code: "stage.name_twice",
    title: "No two stages of an API have one name",
    kinds: ["rest", "http", "websocket"],
    effect: "refused",
    source: STAGES,
    find: ({ stages = [] }) => findTwice(stages, "stages"),
  },
  {
    code: "model.name",
    title: "The name of a model has letters and digits only, at most 128 on a WebSocket API",
    kinds: ["rest", "websocket"],
    effect: "refused",
    source: MODELS,
    find: ({ kind, models = [] }) =>
      models
        .filter(({ name }) => name !== undefined)
        .filter(
          ({ name = "" }) => !/^[A-Za-z0-9]+$/.test(name) || (kind === "websocket" && name.length > MAX_NAME_CHARS),
        )
        .map(({ where, name }) => ({
          where: [where],
          cause: `${JSON.stringify(name)} is not the name of a model`,
          remedy: "take letters and digits only",
        })),
  },
  {
    code: "model.name_twice",
    title: "No two models of an API have one name",
    kinds: ["rest", "websocket"],
    effect: "refused",
    source: MODELS,
    find: ({ models = [] }) => findTwice(models, "models"),
  },
];

function isStageName(kind: Api, name: string): boolean {
  return (kind === "http" && name === DEFAULT_STAGE) || (/^[\w-]+$/.test(name) && name.length <= MAX_NAME_CHARS);
}

function findTwice(parts: readonly (StageShape | ModelShape)[], what: string): readonly Breach[] {
  return [...groupBy(parts, ({ name }) => name)]
    .filter(([name, same]) => name !== undefined && same.length > 1)
    .map(([name, same]) => ({
      where: same.map(({ where }) => where),
      cause: `${same.length} ${what} of the API have the name ${name}`,
      remedy: "rename all but one",
    }));
}

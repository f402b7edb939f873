import { isObject, isText, parseJson } from "../../../contract/json.ts";
import { err, ok, type Result } from "../../../contract/result.ts";

/** A resource that an apply has created, changed or deleted. */
interface Step {
  readonly address: string;
  readonly action: string;
}

/**
 * Reads the steps of an apply in their order, from what `terraform apply -json` prints.
 *
 * @see Terraform, "Machine-Readable UI": `apply_complete`
 */
export function readSteps(printed: string): readonly Step[] {
  return printed.split("\n").flatMap((line) => {
    const { type, hook } = Object(parseJson(line));
    const { resource, action } = Object(hook);
    if (type !== "apply_complete" || !isObject(resource) || !isText(action)) return [];
    return [{ address: String(resource["addr"]), action }];
  });
}

type Chain = readonly (readonly [name: string, pattern: RegExp])[];

const BEFORE: Chain = [
  ["a new alias", /^create .*aws_lambda_alias/],
  ["the permission to invoke it", /^create .*aws_lambda_permission/],
  ["a new authorizer", /^create .*_authorizer\./],
];

const AFTER: Chain = [
  ["the end of an old authorizer", /^delete .*_authorizer\./],
  ["the end of an old alias", /^delete .*aws_lambda_alias/],
];

/** The steps of a new contract, in the order that leaves no moment without an authorizer: of a REST API, and of an HTTP API. */
const CHAINS: readonly Chain[] = [
  [
    ...BEFORE,
    ["a method", /^update aws_api_gateway_method\.order$/],
    ["a deployment", /^create aws_api_gateway_deployment\.orders$/],
    ["its stage", /^update aws_api_gateway_stage\.orders$/],
    ["the flush", /^create .*terraform_data\.flush/],
    ...AFTER,
  ],
  [...BEFORE, ["a route", /^update aws_apigatewayv2_route\.home$/], ...AFTER],
];

/** Finds steps that came before one that they have to wait for. Each step has to be there. */
export function findDisorder(steps: readonly Step[]): Result<undefined, string> {
  const errors = CHAINS.flatMap((chain) => findDisorderIn(chain, steps));
  return errors.length === 0 ? ok(undefined) : err(errors.join("\n"));
}

function findDisorderIn(chain: Chain, steps: readonly Step[]): readonly string[] {
  const places = chain.map(([name, pattern]) => ({
    name,
    at: steps.flatMap(({ address, action }, at) => (pattern.test(`${action} ${address}`) ? [at] : [])),
  }));
  return places.flatMap(({ name, at }, index) => {
    if (at.length === 0) return [`there was no step for ${name}`];
    const before = places[index - 1];
    return before !== undefined && Math.max(...before.at) > Math.min(...at)
      ? [`${name} came before ${before.name}`]
      : [];
  });
}

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PRODUCT_FOLDER } from "../../build/product.ts";
import type { GateOptions } from "../../gate/judge.ts";

/** The module that companies use, and a configuration with four APIs that uses it. */
export const MODULE_FOLDER = join(PRODUCT_FOLDER, "infra", "terraform");
export const CONFIGURATION_FOLDER = join(PRODUCT_FOLDER, "test", "fixtures", "terraform");

const PLAN_FILE = join(CONFIGURATION_FOLDER, "plan.json");

/** What the gate is told about the plan: the public rule of its policy, and the methods that only report for a while. */
export const RECORDED_PLAN_OPTIONS: GateOptions = {
  publicRules: [{ name: "ops.health", verbs: ["GET"], path: "/health" }],
  accepted: [
    { name: "aws_api_gateway_method.report", reason: "A week of decisions.", until: "2026-12-18" },
    { name: "aws_apigatewayv2_route.other", reason: "A week of decisions.", until: "2026-12-18" },
  ],
  today: "2026-12-18",
};

/** A plan that Terraform made of the configuration; `npm run e2e:terraform -- --record` writes it. */
export interface RecordedPlan {
  /** The digest of the module and the configuration that it was made of. */
  readonly recorded_from: string;
  readonly [key: string]: unknown;
}

/** Reads the recorded plan. */
export function readRecordedPlan(): RecordedPlan {
  return JSON.parse(readFileSync(PLAN_FILE, "utf8"));
}

/** The parts of a plan that the gate reads, and their order. */
const PARTS = ["format_version", "terraform_version", "planned_values", "resource_changes", "configuration"];

/** Formats a plan as it is recorded: without states, times and checks. */
export function formatRecordedPlan(plan: Readonly<Record<string, unknown>>): string {
  const { resource_changes: changes } = plan;
  // The planned values have what the gate and the tests read of alarms.
  const read = [changes ?? []].flat().filter((one) => !String(Object(one).type).startsWith("aws_cloudwatch_"));
  const parts = Object.fromEntries(PARTS.map((name) => [name, name === "resource_changes" ? read : plan[name]]));
  return `${JSON.stringify({ recorded_from: digestSources(), ...parts }, null, 1)}\n`;
}

/** Computes the digest of the module's and the configuration's files. */
export function digestSources(): string {
  const hash = createHash("sha256");
  for (const folder of [MODULE_FOLDER, join(MODULE_FOLDER, "flush"), CONFIGURATION_FOLDER]) {
    const files = readdirSync(folder).filter((name) => name.endsWith(".tf") || name === "alarms.json");
    for (const name of files.sort()) hash.update(`${name}\n`).update(readFileSync(join(folder, name)));
  }
  return `sha256:${hash.digest("hex")}`;
}

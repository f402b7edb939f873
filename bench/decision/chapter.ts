import { join } from "node:path";
import { foundOpa } from "../../dev/found-opa.ts";
import { createWorkspace } from "../../dev/workspace.ts";
import { type Case, type Chapter, type Contender, TIMES } from "../frame/chapter.ts";
import { ratio } from "../frame/figure.ts";
import { type PolicySize, toPolicies } from "../policies.ts";
import { buildPackage } from "./build.ts";
import { createCasbin } from "./casbin.ts";
import { createCedar } from "./cedar.ts";
import type { Decider } from "./decider.ts";
import { readToInput, type ToInput } from "./input.ts";
import { startOpaServer } from "./opa-server.ts";
import { type Question, type Questions, toFurtherQuestions, toQuestions } from "./question.ts";
import { compileRegorus, startRegorus } from "./regorus.ts";
import { createShipped } from "./shipped.ts";
import { createWrittenMap } from "./written-map.ts";

const OURS = "rego-authorizer";

const CONTENDERS = {
  [OURS]: "the module and the data that the build packs, through the evaluator of the Lambda",
  "hand-written Map": "a `Map` from verb and route to group and conditions, written for this one policy: the floor",
  "OPA server":
    "the build's `bundle.tar.gz` on `opa run --server --optimize-store-for-read-speed`, over HTTP on the loopback address; CPU time of both processes",
  regorus:
    "the engine and data of the same bundle in regorus, a Rego interpreter in Rust, in a program of its own; its clock, without the way there",
  casbin: "casbin with `keyMatch2` and deny-override",
  "cedar-wasm":
    "`@cedar-policy/cedar-wasm`, the policy set parsed before; the route is the action, as Verified Permissions makes it of an API",
};

type Name = keyof typeof CONTENDERS;

/** What is measured of a policy. */
interface Asked {
  readonly name: string;
  readonly question: keyof Questions;
}

const caseOf = (grants: number) => `${grants.toLocaleString("en-US")} grants`;

const PLAN: readonly (PolicySize & { readonly asked: readonly Asked[] })[] = [
  { grants: 10, conditions: 0, asked: [{ name: caseOf(10), question: "hit" }] },
  { grants: 100, conditions: 0, asked: [{ name: caseOf(100), question: "hit" }] },
  {
    grants: 1_000,
    conditions: 0,
    asked: [
      { name: caseOf(1_000), question: "hit" },
      { name: "1,000 grants, 50 groups in the token", question: "many groups" },
      { name: "1,000 grants, role missing", question: "role missing" },
      { name: "1,000 grants, no grant", question: "no grant" },
      { name: "1,000 grants, denied", question: "denied" },
    ],
  },
  { grants: 1_000, conditions: 1, asked: [{ name: "1,000 grants, 1 condition each", question: "hit" }] },
  { grants: 1_000, conditions: 5, asked: [{ name: "1,000 grants, 5 conditions each", question: "hit" }] },
  { grants: 10_000, conditions: 0, asked: [{ name: caseOf(10_000), question: "hit" }] },
  { grants: 19_000, conditions: 0, asked: [{ name: caseOf(19_000), question: "hit" }] },
  // More than a build takes: what the others need.
  { grants: 100_000, conditions: 0, asked: [{ name: caseOf(100_000), question: "hit" }] },
];

const HELD_BACK =
  "input and result are JSON texts, and the module finds each field by the hash of its name; together that is more than half of it";

export const decision: Chapter = {
  name: "decision",
  title: "A decision",
  asks: `One request of one principal, from loaded policies: may this customer read \`/customers/42/orders5\`? Each grant is for a path of its own, and
asks that the customer number in the path is that of the token. One denial is for everybody who is suspended. Reading the token and the
event is not part of it; see the next chapter. Where nothing else is said, the token has one group, and the answer is Allow.`,
  contenders: CONTENDERS,
  measures: TIMES,
  rounds: 9,
  roundMs: 50,
  goals: [
    {
      what: "evaluation, 1,000 grants, one group",
      unit: "µs",
      bound: "at most",
      limit: 5,
      of: (medianOf) => medianOf(caseOf(1_000), OURS),
      heldBack: HELD_BACK,
    },
    {
      what: "evaluation at 19,000 ÷ at 10 grants",
      unit: "times",
      bound: "at most",
      limit: 1.3,
      of: (medianOf) => ratio(medianOf(caseOf(19_000), OURS), medianOf(caseOf(10), OURS)),
    },
    {
      what: "evaluation with 50 groups in the token",
      unit: "µs",
      bound: "at most",
      limit: 12,
      of: (medianOf) => medianOf("1,000 grants, 50 groups in the token", OURS),
      heldBack: HELD_BACK,
    },
  ],
  async *cases() {
    const noRegorus = compileRegorus();
    for (const { asked, ...size } of PLAN) yield* toCases(size, asked, noRegorus);
  },
};

/** Loads all contenders with one policy, and measures what is asked of it. */
async function* toCases(size: PolicySize, asked: readonly Asked[], noRegorus: string | undefined): AsyncIterable<Case> {
  await using workspace = await createWorkspace(toPolicies(size.grants, size.conditions));
  const opa = await foundOpa();
  if (!opa.ok) throw new Error(opa.error);
  const deciders = new Map<Name, Decider>([
    ["hand-written Map", createWrittenMap(size)],
    ["casbin", await createCasbin(size)],
    ["cedar-wasm", createCedar(size)],
  ]);
  const absent: Record<string, string> = {};
  const built = await buildPackage(workspace);
  if (built.ok) {
    const bundle = join(built.value, "bundle.tar.gz");
    const toInput = await readToInput(built.value);
    deciders.set(OURS, await createShipped(built.value, toInput));
    deciders.set("OPA server", await startOpaServer(opa.value, bundle, toInput));
    const regorus = noRegorus ?? (await tryRegorus(bundle, toInput, toQuestions(size).hit));
    if (typeof regorus === "string") absent["regorus"] = regorus;
    else deciders.set("regorus", regorus);
  } else {
    absent[OURS] = built.error;
    for (const name of ["OPA server", "regorus"]) absent[name] = "needs the bundle that the build makes";
  }
  try {
    const questions = toQuestions(size);
    const all = [...Object.values(questions), ...toFurtherQuestions(questions)];
    for (const { name, question } of asked) {
      const contenders = Object.keys(CONTENDERS).flatMap((contender): Contender[] => {
        const decider = deciders.get(contender as Name);
        if (decider === undefined) return [];
        const answers = async () => {
          const given: string[] = [];
          for (const one of all) given.push(await decider.answer(one));
          return given;
        };
        return [{ name: contender, answers, run: decider.run(questions[question]) }];
      });
      yield { name, contenders, absent };
    }
  } finally {
    for (const { close } of deciders.values()) close?.();
  }
}

/** Starts regorus, or says that it does not run the engine. */
async function tryRegorus(bundle: string, toInput: ToInput, question: Question): Promise<Decider | string> {
  const decider = await startRegorus(bundle, toInput);
  return await decider.answer(question).then(
    () => decider,
    () => "regorus does not run the engine",
  );
}

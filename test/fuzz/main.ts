import fc from "fast-check";
import { isDecisive } from "../support/documents.ts";
import { eventsWith } from "./events.ts";
import { importHandler } from "./handler.ts";
import { mayAllow } from "./judge.ts";

// `npm run fuzz`: events of every kind, valid and changed, for FUZZ_SECONDS (60) against the handler as built. Its law:
// the handler allows nothing that the oracle does not, responds in a form that API Gateway understands, and throws only
// codes.

const seconds = Number(process.env["FUZZ_SECONDS"] || 60);
if (!(seconds > 0 && seconds <= 86_400)) {
  console.error("FUZZ_SECONDS must be a number of seconds, up to a day");
  process.exit(1);
}
await using fuzzed = await importHandler();
const { handler, tokens } = fuzzed;
const unhandled: unknown[] = [];
process.on("unhandledRejection", (reason) => unhandled.push(reason));

const outcomes = new Map<string, number>();
const law = fc.asyncProperty(eventsWith(tokens), async (event) => {
  const outcome = await outcomeOf(event);
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
});
const result = await fc.check(law, {
  numRuns: Number.MAX_SAFE_INTEGER,
  interruptAfterTimeLimit: seconds * 1000,
  markInterruptAsFailure: false,
});

const tried = [...outcomes.values()].reduce((sum, count) => sum + count, 0);
console.log(`${tried} inputs in ${seconds} s:`, Object.fromEntries([...outcomes].sort()));
if (result.failed) console.log(result.errorInstance, fc.defaultReportMessage(result));
// If every event were refused, the run would prove nothing.
const isVacuous = (outcomes.get("allow") ?? 0) < tried / 50;
if (isVacuous) console.log("too few inputs were allowed for this to prove anything");
const failed = Number(result.failed) + Number(unhandled.length > 0) + Number(isVacuous);
console.log(`wrong answers: ${Number(result.failed)}, unhandled rejections: ${unhandled.length}`);
console.log(`${failed === 0 ? 1 : 0} passed, ${failed} failed`);
if (failed > 0) process.exitCode = 1;

async function outcomeOf(event: unknown): Promise<string> {
  let answer: unknown;
  try {
    answer = await handler(event);
  } catch (error) {
    if (!(error instanceof Error)) throw new Error("threw something else than an error");
    if (error.message === "Unauthorized") return "refuse";
    if (/^(engine|keys)\.\w+$/.test(error.message)) return `fault ${error.message}`;
    throw new Error(`threw ${error.message}`);
  }
  const { principalId, policyDocument, context, ...others } = Object(answer);
  const [statement] = policyDocument?.Statement ?? [];
  const isWhole =
    typeof principalId === "string" &&
    principalId !== "" &&
    policyDocument !== undefined &&
    isDecisive(policyDocument) &&
    Object.keys(others).length === 0 &&
    Object.values(context).every((value) => typeof value === "string") &&
    JSON.stringify(answer).length < 8_192;
  if (!isWhole) throw new Error(`an answer of no such form: ${JSON.stringify(answer)}`);
  if (statement.Effect === "Deny") return "deny";
  if (statement.Effect !== "Allow" || statement.Resource !== mayAllow(event, tokens)) {
    throw new Error(`allowed ${statement.Resource}, which the oracle does not`);
  }
  return "allow";
}

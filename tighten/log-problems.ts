/** The reasons for which a line of a log shows no use of a rule, each with what it means for the reader. */
export const LOG_PROBLEMS = {
  "line.not_json": "the line is not JSON; it was cut off, or is another program's",
  "line.not_a_decision": "the line is JSON, but not a decision of rego-authorizer or of OPA with its bundle",
  "line.too_long": "the line is longer than a line of a log may be",
  "line.other_entry_point": "OPA was asked for something other than engine/decision",
  "line.masked": "OPA erased or masked a part of the input or of the result, so the decision can't be repeated",
  "line.fault": "a fault prevented the decision",
  "line.token_document": "the line is of a per-token policy document, which is for many requests",
  "line.not_replayed":
    "another revision allowed the request, and this policy does not for the logged input: it changed, or reads something that the line does not have",
  "line.no_role":
    "the logged input has no role that the grant asks for, since a part of it was removed; all roles of the grant count as used",
  "line.engine_failed": "the engine can't decide the logged input",
} as const satisfies Readonly<Record<string, string>>;

/** The code of a reason for which a line shows no use of a rule. */
export type LogProblem = keyof typeof LOG_PROBLEMS;

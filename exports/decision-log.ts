// Reads the lines of the decision log: `import { parseLogEntry } from "rego-authorizer/decision-log"`.

export { parseLogEntry } from "../contract/decision-log.ts";
export type { LogEntry, TokenDocumentRules } from "../contract/log-entry.ts";

// Reads the lines of the decision log: `import { parseLogEntry } from "rego-authorizer/decision-log"`.

export { type LogEntry, parseLogEntry, type TokenDocumentRules } from "../contract/decision-log.ts";

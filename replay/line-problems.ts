/** Why a line can't be replayed, and what to do about it. */
export const LINE_PROBLEMS = {
  "line.xml": "the line is XML; set the access log's format to JSON, as access-log-format prints it",
  "line.clf":
    "the line is in the common log format, which has no claims; set the access log's format to JSON, as access-log-format prints it",
  "line.csv": "the line is CSV; set the access log's format to JSON, as access-log-format prints it",
  "line.not_json":
    "the line is not JSON; set the access log's format as access-log-format prints it, on one line. A claim with a quote in it breaks a line, too",
  "line.part_of_document":
    "the file is one JSON document on several lines; make a line of each message, as jq -r '.events[].message' does",
  "line.too_long": "the line is longer than a line of an access log can be",
  "line.ambiguous":
    "a name is in the line twice, perhaps since a claim has quotes in it, so nobody can tell which one counts",
  "line.web_socket": "the line is of a WebSocket API, whose access log has no path",
  "fields.missing":
    "the line lacks the method, the path or the status; set the access log's format as access-log-format prints it",
  "fields.conflict":
    "two keys of the line mean the same variable and have different values; give the format with --log-format",
  "fields.unreadable": "the status or the time of the line is not in API Gateway's form",
  "kind.unknown": "the line shows neither resourcePath (REST APIs) nor routeKey (HTTP APIs); name the kind with --kind",
  "claims.not_in_format":
    "the line has no key for a claim; set the access log's format as access-log-format prints it, or give it with --log-format",
  "issuer.untold": "several issuers are trusted, and the line has no claim iss; log it, too",
  "path.ambiguous":
    "nobody can tell whether the path begins with the stage or a base path; log domainName, stage, customDomain.basePathMatched and the route, too",
} as const satisfies Readonly<Record<string, string>>;

export type LineProblem = keyof typeof LINE_PROBLEMS;

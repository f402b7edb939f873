import { inArea, type ProblemEntries } from "./entry.ts";

/** The codes of `policies/engine/check/open_routes.rego`. */
export const PUBLIC_RULES = {
  "public.greedy": {
    title: "A public rule has a path with a greedy parameter.",
    why: "`{name+}` stands for everything below a path. Routes that the API gets later would be open from the first day, and nobody would have decided it. A public rule names each path, if need be with `{name}` for one segment.",
    refused: inArea(`public["assets"] := {"verbs": {"GET"}, "path": "/assets/{file+}"}`),
    instead: inArea(`public["assets"] := {"verbs": {"GET"}, "path": "/assets/{file}"}`),
  },
  "public.connect": {
    title: "A public rule has the verb `CONNECT`.",
    why: "Only `$connect` of a WebSocket API is authorized. Whoever is connected may send every message of the API, so that one public rule would open all of it, and no rule could name the messages.",
    refused: inArea(`public["socket"] := {"verbs": {"CONNECT"}, "path": "/"}`),
    instead: inArea(`grants["connect"] := {"roles": {"authenticated"}, "verbs": {"CONNECT"}, "path": "/"}`),
  },
  "public.same_name": {
    title: "A public rule has the name of a grant or denial of its area.",
    why: "Messages, reviews and `despite` name rules by area and name. With one name for two rules, a reader of one would not look for the other.",
    refused: inArea(`public["status"] := {"verbs": {"GET"}, "path": "/status"}

grants["status"] := {"roles": {"customer"}, "verbs": {"PUT"}, "path": "/status"}`),
    instead: inArea(`public["status"] := {"verbs": {"GET"}, "path": "/status"}

grants["set_status"] := {"roles": {"customer"}, "verbs": {"PUT"}, "path": "/status"}`),
  },
  "public.overlap": {
    title: "A public rule is about the same requests as a grant or denial.",
    why: "A public route has no authorizer, so that no grant or denial is evaluated for it. A reader of the grant or denial would take it for in force. Two rules overlap if they have a verb in common, some path matches both, and an API has both. If the public path is an exception to a wider rule, such as a health check beside a denial for every path, name that rule in `despite`: then a reader of the public rule sees what it sets aside. A rule all of whose paths would be open can't be named there.",
    refused: inArea(`public["ping"] := {"verbs": {"GET"}, "path": "/internal/ping"}

denials["internal"] := {"verbs": {"ANY"}, "path": "/internal/{rest+}"}`),
    instead: inArea(`public["ping"] := {"verbs": {"GET"}, "path": "/internal/ping", "despite": {"orders.internal"}}

denials["internal"] := {"verbs": {"ANY"}, "path": "/internal/{rest+}"}`),
  },
  "public.despite": {
    title: "`despite` names a rule that a public rule does not overlap.",
    why: "The name is misspelt, or the other rule was changed or removed. Left in, it would hide an overlap that somebody makes later without knowing of this rule. The names are those of grants and denials with their areas.",
    refused: inArea(`public["login"] := {"verbs": {"POST"}, "path": "/login", "despite": {"orders.offices"}}`),
    instead: inArea(`public["login"] := {"verbs": {"POST"}, "path": "/login"}`),
  },
} satisfies ProblemEntries;

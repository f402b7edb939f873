import { expect, it } from "vitest";
import { findToken } from "../../../authorizer/gateway/bearer-token.ts";
import { parseEvent } from "../../../authorizer/gateway/event.ts";
import { parseTokenSources } from "../../../contract/token-source.ts";
import { placeToken } from "../../../local/token-place.ts";
import { createSimulator } from "../../../simulator/simulator.ts";
import { allowing, apiOf, requestOf } from "../../support/simulated.ts";

const TOKEN = "eyJh.eyJz.c2ln";

it.each(["rest", "http"] as const)(
  "the authorizer finds the token of a %s API where the server puts it",
  async (kind) => {
    for (const text of ["header:X-Token", "query:a&b", "cookie:session", "subprotocol,cookie:a", "query:t,header:b"]) {
      const sources = parseTokenSources(text);
      if (!sources.ok) throw new Error(sources.error);
      const events: object[] = [];
      const simulator = createSimulator(apiOf(kind, { identitySources: [], ttlS: 0 }), async (event) => {
        events.push(event);
        return allowing("*");
      });
      await simulator.send({ ...requestOf("/a"), ...placeToken(kind, sources.value, TOKEN) }, 0);
      const [event] = events.map(parseEvent);
      expect([text, event?.ok && findToken(event.value, sources.value)]).toEqual([text, { ok: true, value: TOKEN }]);
    }
  },
);

import type { Policy } from "../support/oracle.ts";

/** The policy of the fuzzer; its conditions are those of the generated policies. */
export const FUZZ_POLICY: Policy = {
  roles: {
    r1: { groups: ["G1"], includes: ["r3"] },
    r2: { groups: ["G2"], scopes: ["s/1"] },
    r3: { groups: ["G3"], claims: { "custom:department": ["Audit", "R&D"] } },
    r4: { claims: { "cognito:roles": ["arn:aws:iam::1:role/b,c"] } },
  },
  grants: {
    "area0.everybody": { roles: ["authenticated"], verbs: ["GET"], path: "/a" },
    "area0.root": { roles: ["r1", "r4"], verbs: ["ANY"], path: "/" },
    "area0.connect": { roles: ["r2", "r3"], verbs: ["CONNECT"], path: "/" },
    "area0.own": { roles: ["authenticated"], verbs: ["GET", "PUT"], path: "/{p0}/b", where: { p0: "sub" } },
    "area1.all": { roles: ["r1"], verbs: ["ANY"], path: "/files/{p1+}" },
    "area1.recent": { roles: ["r2"], verbs: ["POST"], path: "/b/{p1}", when: ["recent"] },
    "area1.senior": { roles: ["authenticated"], verbs: ["DELETE"], path: "/a/{p1}/b", when: ["senior"] },
    "area2.mine": { roles: ["r3"], verbs: ["ANY"], path: "/{p0}/a/{p2+}", when: ["own"] },
  },
  denials: {
    "area1.office": { verbs: ["DELETE"], path: "/files/a/{p2+}", unless: ["office"] },
    "area2.never": { verbs: ["PATCH"], path: "/files/{p1+}" },
  },
};

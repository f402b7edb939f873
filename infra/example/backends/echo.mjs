/**
 * Returns what API Gateway's context says about the caller: as a proxy of a REST API or an HTTP API, or with IAM authorization.
 *
 * It returns 403 without such a context, since then no authorizer was invoked.
 */
export const handler = async (event) => {
  const { authorizer, identity, http } = event.requestContext ?? {};
  const context = authorizer?.lambda ?? authorizer;
  const { principalId, roles, grants, revision } = context ?? {};
  const session = identity?.userArn;
  if (!revision && !session) return answer(403, { message: "Forbidden" });
  return answer(200, {
    method: event.httpMethod ?? http?.method,
    path: event.path ?? event.rawPath,
    caller: { principal: principalId, roles, grants, revision, session },
  });
};

const answer = (statusCode, body) => ({
  statusCode,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

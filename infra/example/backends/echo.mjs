/**
 * Answers with what API Gateway says of the caller, as a REST API's proxy, an HTTP API's, or behind IAM authorization.
 *
 * Closed when nothing is said: then nobody was asked.
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

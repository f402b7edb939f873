// Writes a review as a comment on a pull request, and updates it there as long as the pull request is open. A part of action.yml.

import { appendFileSync, readFileSync } from "node:fs";

const { TOKEN = "", PULL_REQUEST = "", GITHUB_STEP_SUMMARY = "" } = process.env;
const { GITHUB_API_URL = "https://api.github.com", GITHUB_REPOSITORY = "" } = process.env;

/** The most pages of comments that are searched. */
const MAX_PAGES = 30;

const body = readFileSync(process.argv[2] ?? "", "utf8");
// The first line is a mark that readers don't see. Each folder of policies has its own.
const [mark = ""] = body.split("\n");

if (!mark.startsWith("<!-- rego-authorizer pull-request")) {
  console.log("::error::rego-authorizer wrote no review; its version must know the command pull-request");
  process.exitCode = 1;
} else if (!(await comment())) {
  appendFileSync(GITHUB_STEP_SUMMARY, body);
  console.log("::notice::the review is in the summary of this run, since its token may not comment, as for a fork");
}

/** Tells whether the review is on the pull request now. */
async function comment() {
  if (!/^\d+$/.test(PULL_REQUEST) || TOKEN === "") return false;
  const own = await findOwn();
  if (own === undefined) return false;
  if (own.id !== undefined) {
    const updated = await call("PATCH", `issues/comments/${own.id}`, { body });
    if (updated.ok) return true;
  }
  const created = await call("POST", `issues/${PULL_REQUEST}/comments`, { body });
  if (!created.ok) console.log(`GitHub answered ${created.status} to the comment`);
  return created.ok;
}

/** Finds the comment of an earlier run; gives undefined if comments can't be read. */
async function findOwn() {
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const answer = await call("GET", `issues/${PULL_REQUEST}/comments?per_page=100&page=${page}`);
    if (!answer.ok) {
      console.log(`GitHub answered ${answer.status} to the search for comments`);
      return undefined;
    }
    const comments = await answer.json();
    // Anybody may write a comment with the mark, so only a bot's is this action's.
    const own = comments.find((one) => one.user?.type === "Bot" && one.body?.split(/\r?\n/, 1)[0] === mark);
    if (own !== undefined) return { id: own.id };
    if (comments.length < 100) break;
  }
  return { id: undefined };
}

/** Calls GitHub's API for the repository of this run. */
function call(method, path, content) {
  return fetch(`${GITHUB_API_URL}/repos/${GITHUB_REPOSITORY}/${path}`, {
    method,
    headers: {
      accept: "application/vnd.github+json",
      authorization: `Bearer ${TOKEN}`,
      "content-type": "application/json",
      "x-github-api-version": "2022-11-28",
    },
    ...(content !== undefined && { body: JSON.stringify(content) }),
    signal: AbortSignal.timeout(30_000),
  }).catch((error) => ({ ok: false, status: `nothing (${error.message})`, json: () => [] }));
}

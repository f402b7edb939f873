import {
  CALLER,
  CONDITIONS,
  INPUT,
  LATE_BY,
  MULTIPLE,
  REQUIRED,
  UNSATISFIABLE,
} from "./problem-codes/condition-rules.ts";
import type { ProblemEntries, ProblemEntry } from "./problem-codes/entry.ts";
import { FAIL_OPEN_FORMS, FAIL_OPEN_NAMES } from "./problem-codes/fail-open-forms.ts";
import { BASE_DATA, FOLDER } from "./problem-codes/folder.ts";
import { BROKEN_INVARIANTS, IDLE_INVARIANTS, INVARIANT_NAMES, INVARIANTS } from "./problem-codes/invariants.ts";
import { OPA } from "./problem-codes/opa-errors.ts";
import { APIS, CONFLICTS, PATHS, ROLES, TOKEN_USE } from "./problem-codes/paths-and-roles.ts";
import { PUBLIC_RULES } from "./problem-codes/public-rules.ts";
import { CLAIMS, ISSUERS, ROUTE_NOTICES, ROUTES } from "./problem-codes/routes-and-claims.ts";
import { KEYS, RULES } from "./problem-codes/rule-forms.ts";
import { TITLES } from "./problem-codes/titles.ts";

const ENTRIES = {
  ...FOLDER,
  ...BASE_DATA,
  ...OPA,
  ...RULES,
  ...KEYS,
  ...APIS,
  ...PATHS,
  ...ROLES,
  ...CONFLICTS,
  ...PUBLIC_RULES,
  ...TOKEN_USE,
  ...CONDITIONS,
  ...FAIL_OPEN_FORMS,
  ...FAIL_OPEN_NAMES,
  ...UNSATISFIABLE,
  ...CALLER,
  ...INPUT,
  ...REQUIRED,
  ...MULTIPLE,
  ...CLAIMS,
  ...ISSUERS,
  ...ROUTES,
  ...LATE_BY,
  ...INVARIANTS,
  ...INVARIANT_NAMES,
  ...TITLES,
  ...BROKEN_INVARIANTS,
  ...ROUTE_NOTICES,
  ...IDLE_INVARIANTS,
};

/** The code of a problem. It is stable, because tools and people search for it. */
export type ProblemCode = keyof typeof ENTRIES;

/** The explanation of each code, from which `docs/problems.md` is generated. */
export const PROBLEM_CODES: Readonly<Record<ProblemCode, ProblemEntry>> = ENTRIES;

/** A group of codes, with a heading of its own in `docs/problems.md`. */
export interface ProblemChapter {
  readonly title: string;
  readonly entries: ProblemEntries;
  /**
   * Which step finds these problems: rules of `data.engine.problems`, the build itself, or the commands for reviewers. A notice
   * is not a problem.
   */
  readonly foundBy: "engine" | "build" | "check" | "notice";
}

/** All codes, in the order in which a build looks for them. */
export const PROBLEM_CHAPTERS: readonly ProblemChapter[] = [
  { title: "Files and packages", entries: FOLDER, foundBy: "build" },
  { title: "Base data", entries: BASE_DATA, foundBy: "build" },
  { title: "What OPA refuses", entries: OPA, foundBy: "build" },
  { title: "The form of grants, denials and roles", entries: RULES, foundBy: "build" },
  { title: "Keys and values", entries: KEYS, foundBy: "engine" },
  { title: "The APIs of a rule", entries: APIS, foundBy: "engine" },
  { title: "Verbs, paths and parameters", entries: PATHS, foundBy: "engine" },
  { title: "Roles", entries: ROLES, foundBy: "engine" },
  { title: "Grants and denials that work against each other", entries: CONFLICTS, foundBy: "engine" },
  { title: "Public rules", entries: PUBLIC_RULES, foundBy: "engine" },
  { title: "Which tokens are accepted", entries: TOKEN_USE, foundBy: "build" },
  { title: "Conditions and their names", entries: CONDITIONS, foundBy: "build" },
  {
    title: "Conditions that missing or mistyped data could make true",
    entries: { ...FAIL_OPEN_FORMS, ...FAIL_OPEN_NAMES },
    foundBy: "build",
  },
  { title: "Conditions that can never be true", entries: UNSATISFIABLE, foundBy: "build" },
  { title: "Roles and values of the caller", entries: CALLER, foundBy: "build" },
  { title: "What conditions read", entries: INPUT, foundBy: "build" },
  { title: "What every request has", entries: REQUIRED, foundBy: "build" },
  { title: "What a request may have several of", entries: MULTIPLE, foundBy: "build" },
  { title: "How late time is noticed", entries: LATE_BY, foundBy: "build" },
  { title: "Claims", entries: CLAIMS, foundBy: "build" },
  { title: "Several issuers", entries: ISSUERS, foundBy: "build" },
  { title: "Routes", entries: ROUTES, foundBy: "build" },
  { title: "The form of invariants", entries: INVARIANTS, foundBy: "engine" },
  { title: "What invariants name", entries: INVARIANT_NAMES, foundBy: "build" },
  { title: "Titles and format", entries: TITLES, foundBy: "check" },
  { title: "Invariants that don't hold", entries: BROKEN_INVARIANTS, foundBy: "check" },
  { title: "Notices about routes", entries: ROUTE_NOTICES, foundBy: "notice" },
  { title: "Notices about invariants", entries: IDLE_INVARIANTS, foundBy: "notice" },
];

/** Tells whether a value is the code of a problem. */
export function isProblemCode(text: unknown): text is ProblemCode {
  return typeof text === "string" && Object.hasOwn(PROBLEM_CODES, text);
}

/** Words that are not used any more. */
interface GivenUp {
  /** Examples for readers; the pattern finds each. */
  readonly said: readonly string[];
  readonly pattern: RegExp;
  readonly instead: string;
}

/**
 * The words that this project gave up, each with the one that it uses instead. `docs/glossary.md` has the same list
 * for readers, generated from this one; a test holds docs, comments and messages to it.
 */
export const GIVEN_UP: readonly GivenUp[] = [
  {
    said: ["keeps the answer", "kept answer"],
    pattern:
      /\b(kept|keeps?|keeping) (an? |the |no |whole |all |its |these |those |such )?(authorizer's |other )?(answers?|responses?)\b/i,
    instead: "cached response; caches",
  },
  {
    said: ["the answer is kept", "an answer that must not be kept"],
    pattern: /\banswers? (that |which )?(is|are|be|may be|must not be|can be|were|was|would be) (not )?(kept|keep)\b/i,
    instead: "cached response",
  },
  {
    said: ["asks the authorizer"],
    pattern: /\b(ask|asks|asked|asking) (an |the |its |one |no |for an )?(lambda )?authorizers?\b/i,
    instead: "invoke",
  },
  {
    said: ["the authorizer is not asked"],
    pattern: /\bauthorizer (is|was|would be|has been|were) (not )?asked\b/i,
    instead: "invoked",
  },
  {
    said: ["per-token answer", "an answer for a token"],
    pattern:
      /\bper-token answers?\b|\banswers? for (all routes of )?(a|its|their|the) token\b|\banswers? (that )?holds? for (a|all routes of)\b/i,
    instead: "per-token policy document",
  },
  { said: ["can't be seen", "unseen"], pattern: /\bcan't be seen\b|\bunseen\b/i, instead: "not visible at synthesis" },
  { said: ["plays API Gateway"], pattern: /\bplays? (an?|API|Cognito)\b/i, instead: "emulates" },
  {
    said: ["stands before an API"],
    pattern: /\bstands? (before|between) (an? API|the API|yours)/i,
    instead: "proxies to",
  },
  {
    said: ["an event that is none", "a path that is no template"],
    pattern:
      /(?<!\bthere )\b(is|are|be|was|were) none\b|\bthat is no\b|\bwhich is no\b|(?<!\bthere )\bis no(?= [a-z]+( [a-z]+)?[.,;:)]| [a-z]+ of)/i,
    instead: "is not a …; does not …",
  },
  {
    said: ["what of the policy", "of what is read"],
    pattern: /\bwhat of (the|a|an|others|this|it)\b|\bof what is\b|\bwhat can be said of\b|\bof an event that\b/i,
    instead: "name the thing",
  },
  {
    said: ["has an eye for", "whoever reads this"],
    pattern: /\bhas an eye for\b|\bno eye for\b|\bwhoever reads this\b/i,
    instead: "say it plainly",
  },
];

/** Matches the beginnings of docstrings that name no subject. */
export const DOCSTRING_WITHOUT_SUBJECT =
  /^(What|Of|That|Whom|Whose|Whoever|Whatever|Wherever|As|Only|None|Neither|None of)\b/;

/** Matches the beginnings of titles and descriptions in Rego and schemas that name no subject. */
export const METADATA_WITHOUT_SUBJECT = /^(What|Whom|Who|Of|Whether|Which)\b/;

/** Matches the beginning of the docstring of a function: a verb in the present tense, third person. */
export const FUNCTION_DOCSTRING = /^[A-Z][a-z]*(s|es)\b/;

import { type Contender, timed } from "../frame/chapter.ts";
import type { Question } from "./question.ts";

/** Allow or deny. */
export type Answer = "allow" | "deny";

/** Something that decides questions, loaded with one policy. */
export interface Decider {
  readonly answer: (question: Question) => Promise<Answer>;
  /** Creates the function that decides a question again and again, from what it is given in its own form. */
  readonly run: (question: Question) => Contender["run"];
  readonly close?: () => void;
}

/** Something that decides in this process. */
export interface HereDecider extends Decider {
  readonly decide: (question: Question) => Answer;
}

/** Creates a decider that decides in this process. `bind` brings a question into its form, which is not timed. */
export function decidesHere(bind: (question: Question) => () => Answer): HereDecider {
  const decide = (question: Question) => bind(question)();
  return { decide, answer: async (question) => decide(question), run: (question) => timed(bind(question)) };
}

/** The reason why one way to OPA is not open. */
export interface Miss {
  readonly reason: string;
  /** Whether no other way should be tried: somebody has to look at this first. */
  readonly isFinal: boolean;
}

/** What a Lambda answered, or the message of what it threw. */
export type Invocation = { readonly answer: unknown } | { readonly error: string };

/** The result of invoking a Lambda: its response, or the message of the error that it threw. */
export type Invocation = { readonly response: unknown } | { readonly error: string };

/**
 * The extension of this product. An operation says by it why it keeps another authorizer; the security scheme of an authorizer which
 * function it is for, as the mark of an authorizer in a template does. API Gateway knows only extensions that begin with its own name.
 */
export const EXTENSION = "x-rego-authorizer";

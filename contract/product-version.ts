/** The version of this package. A test holds it to `package.json`, which a deployed Lambda does not have. */
export const PRODUCT_VERSION = "0.2.0";

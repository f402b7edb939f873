/** A path template in which parameters have no names, since how they are called does not matter: `/customers/{}`, `/files/{+}`. */
export function withoutNames(template: string): string {
  return template.replaceAll(/\{[^{}+]*(\+?)\}/g, "{$1}");
}

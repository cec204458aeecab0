// Turndown ships no types. Its browser build works on a DOM it is given; the other brings an HTML parser of its own
// into the package (64 KB zipped) for input in text form, which we never give it.

declare module "turndown/lib/turndown.browser.es.js" {
  export interface TurndownNode {
    readonly children: ArrayLike<TurndownNode>;
    closest(selector: string): TurndownNode | null;
    querySelector(selector: string): TurndownNode | null;
  }
  export interface TurndownRule {
    readonly filter: string | readonly string[];
    replacement(content: string, node: TurndownNode): string;
  }
  export default class TurndownService {
    constructor(options?: Readonly<Record<string, string>>);
    addRule(name: string, rule: TurndownRule): this;
    remove(names: readonly string[]): this;
    turndown(node: unknown): string;
  }
}

// The types that make a wrong order of steps fail to compile, and the answer every step may give. Used by each file
// in this folder and, as `inOrder`, by app.ts. Stock Middy runs the result.

import type middy from "@middy/core";
import type { Context as LambdaContext } from "aws-lambda";

/** What Lambda hands back: an HTTP answer, or nothing for an asynchronous event. */
export type Answer =
  | {
      readonly statusCode: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  | undefined;

/** A middleware that reads `Needs` from the context and leaves `Adds` on it. */
export interface Step<Needs extends object = object, Adds extends object = object>
  extends middy.MiddlewareObj<unknown, Answer, Error, LambdaContext & Needs & Adds> {
  /** Never set: it carries the two types, since Middy's own has one place for both. */
  readonly types?: (needs: Needs) => Adds;
}

/** In the place of a step that comes too early: the compiler's message names what is missing. */
export interface ComesTooEarly<Missing> {
  readonly "this step needs what no step before it adds": Missing;
}

// biome-ignore lint/suspicious/noExplicitAny: a step of whatever types; `Ordered` looks at them one by one
type AnyStep = middy.MiddlewareObj<any, any, any, any, any> & { readonly types?: (needs: any) => object };

type Ordered<Steps extends readonly AnyStep[], Has> = Steps extends readonly [
  infer First,
  ...infer Rest extends readonly AnyStep[],
]
  ? First extends { readonly types?: (needs: infer Needs) => infer Adds }
    ? Has extends Needs
      ? readonly [First, ...Ordered<Rest, Has & Adds>]
      : readonly [ComesTooEarly<Exclude<keyof Needs, keyof Has>>, ...Rest]
    : never
  : readonly [];

/** The steps as given, if each finds on the context what it needs. */
export const inOrder = <const Steps extends readonly AnyStep[]>(
  ...steps: Steps & Ordered<Steps, object>
): Steps[number][] => [...steps] as Steps[number][];

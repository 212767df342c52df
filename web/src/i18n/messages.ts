import type en from './locales/en';

type Shape<T> = {
  [K in keyof T]: T[K] extends (...args: infer A) => string
    ? (...args: A) => string
    : T[K] extends string
      ? string
      : Shape<T[K]>;
};

/** What a locale's file gives: every text of the page. A missing or surplus one does not compile. */
export type Messages = Shape<typeof en>;

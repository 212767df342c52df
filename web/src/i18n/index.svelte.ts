import { remember, remembered } from '../shell/memory';
import english from './locales/en';
import type { Messages } from './messages';

/** One file per language; a new file in this folder is a new language of the page. */
const others = import.meta.glob<{ default: Messages }>(['./locales/*.ts', '!./locales/en.ts']);
const codeOf = (path: string): string => path.replace(/^.*\/|\.ts$/g, '');

/** Codes of all languages of the page. */
export const LOCALES: readonly string[] = ['en', ...Object.keys(others).map(codeOf)].sort();

/** The first language of the list that the page speaks, by its main part; English otherwise. */
export function choose(wanted: readonly string[], known: readonly string[] = LOCALES): string {
  const main = wanted.map((tag) => tag.toLowerCase().split('-')[0] ?? '');
  return main.find((code) => known.includes(code)) ?? 'en';
}

/** The reader's own form of a language (`en-GB` of `en`), for dates and numbers. */
export const regional = (code: string, wanted: readonly string[]): string =>
  wanted.find((tag) => tag.toLowerCase().split('-')[0] === code) ?? code;

class Speech {
  /** The language of the texts, such as `en`. */
  code = $state('en');
  /** How dates and numbers are written, such as `en-GB`. */
  locale = $derived(regional(this.code, navigator.languages));
  t = $state.raw<Messages>(english);

  async use(code: string): Promise<void> {
    const load = others[`./locales/${code}.ts`];
    this.t = load ? (await load()).default : english;
    this.code = load ? code : 'en';
    document.documentElement.lang = this.code;
  }

  /** Starts with the remembered language, or else with the browser's. */
  start(): Promise<void> {
    return this.use(choose([remembered('locale') ?? '', ...navigator.languages]));
  }

  choose(code: string): Promise<void> {
    remember('locale', code);
    return this.use(code);
  }
}

/** The page's language and its texts. */
export const i18n = new Speech();

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { choose, LOCALES, regional } from '../../src/i18n/index.svelte';
import en from '../../src/i18n/locales/en';

type Tree = { [key: string]: string | ((...args: never[]) => string) | Tree };
const locales = import.meta.glob<{ default: Tree }>('../../src/i18n/locales/*.ts', { eager: true });

/** Tables by the server's codes: a language that has no entry shows the server's own sentence. */
const FREE = ['failure.reasons', 'problems.known'];

function leaves(tree: Tree, path = ''): [string, string | ((...args: never[]) => string)][] {
  return Object.entries(tree).flatMap(([key, value]) => {
    const here = path ? `${path}.${key}` : key;
    if (FREE.includes(here)) return [];
    return typeof value === 'object' ? leaves(value, here) : [[here, value] as const];
  }) as [string, string | ((...args: never[]) => string)][];
}

const english = leaves(en as unknown as Tree);

describe('every language of the page', () => {
  it('is known by its file', () => {
    expect(LOCALES).toEqual(
      readdirSync('src/i18n/locales')
        .map((file) => file.replace('.ts', ''))
        .sort(),
    );
  });

  for (const [file, { default: tree }] of Object.entries(locales)) {
    it(`${file} has every text and no other, none of them empty`, () => {
      const own = leaves(tree);
      expect(own.map(([path]) => path)).toEqual(english.map(([path]) => path));
      for (const [path, text] of own) {
        const said = typeof text === 'function' ? text(...(['A', 2, 3] as never[])) : text;
        expect(said.trim(), path).not.toBe('');
        const expected = english.find(([other]) => other === path)?.[1];
        expect(typeof text, path).toBe(typeof expected);
      }
    });
  }

  it('has no text that the page does not use', () => {
    const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(svelte|ts)$/.test(file) && !file.includes('locales'))
      .map((file) => readFileSync(`src/${file}`, 'utf8'));
    // Either with its group, or in a file that has taken the group for `t`.
    const used = (group: string, name: string) =>
      sources.some(
        (source) =>
          new RegExp(`\\b${group}\\.${name}\\b`).test(source) ||
          (new RegExp(`i18n\\.t\\.${group}\\b`).test(source) && new RegExp(`\\bt\\.${name}\\b`).test(source)),
      );
    const indexed = /^(status|stages|app\.themes|export\.formats|record\.obstacles|admin\.(checks|providerNames|curl))\./;
    const unused = english
      .map(([path]) => path)
      .filter((path) => !indexed.test(path) && !used(...(path.split('.') as [string, string])));
    expect(unused).toEqual([]);
  });
});

describe('the language of the page', () => {
  it('is the first of the reader’s that it speaks, and English otherwise', () => {
    expect(choose(['fr-FR', 'ko-KR', 'en'], ['en', 'ko'])).toBe('ko');
    expect(choose(['', 'pt'], ['en', 'ko'])).toBe('en');
  });

  it('writes dates as the reader’s region does', () => {
    expect(regional('en', ['ko-KR', 'en-GB', 'en-US'])).toBe('en-GB');
    expect(regional('ko', ['en-GB'])).toBe('ko');
  });
});

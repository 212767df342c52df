/** Languages that Whisper knows, as ISO 639 codes. */
const SPOKEN =
  (
    'en ko ja zh es de fr pt it ru vi id th tr pl uk nl ar hi af am as az ba be bg bn bo br bs ca cs cy da el et eu ' +
    'fa fi fo gl gu ha haw he hr ht hu hy is jw ka kk km kn la lb ln lo lt lv mg mi mk ml mn mr ms mt my ne nn no oc ' +
    'pa ps ro sa sd si sk sl sn so sq sr su sv sw ta te tg tk tl tt ur uz yi yo yue'
  ).split(' ');

/** A language's name in the language of the page; the code where there is none. */
export function languageName(code: string, locale: string): string {
  try {
    return new Intl.DisplayNames(locale, { type: 'language' }).of(code === 'jw' ? 'jv' : code) ?? code;
  } catch {
    return code;
  }
}

/** Code and name of every language that can be asked for, sorted by name. */
export function spokenLanguages(locale: string): { code: string; name: string }[] {
  return SPOKEN.map((code) => ({ code, name: languageName(code, locale) })).sort((a, b) =>
    a.name.localeCompare(b.name, locale),
  );
}

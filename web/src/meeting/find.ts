/** A piece of a text, and whether it is what was looked for. */
export interface Piece {
  text: string;
  hit: boolean;
}

/** Lower case of the same length, so that places in it are places in the text. */
function fold(text: string): string {
  const low = text.toLowerCase();
  return low.length === text.length ? low : text;
}

/** Cuts a text at every place where `words` stands in it, in upper or lower case. */
export function pieces(text: string, words: string): Piece[] {
  const wanted = fold(words.trim());
  if (wanted === '') return [{ text, hit: false }];
  const low = fold(text);
  const found: Piece[] = [];
  let from = 0;
  for (let at = low.indexOf(wanted); at >= 0; at = low.indexOf(wanted, from)) {
    if (at > from) found.push({ text: text.slice(from, at), hit: false });
    from = at + wanted.length;
    found.push({ text: text.slice(at, from), hit: true });
  }
  if (from < text.length) found.push({ text: text.slice(from), hit: false });
  return found;
}

/** Places in the list of the texts that have `words` in them. */
export function matches(texts: readonly { text: string }[], words: string): number[] {
  const wanted = fold(words.trim());
  if (wanted === '') return [];
  return texts.flatMap(({ text }, index) => (fold(text).includes(wanted) ? [index] : []));
}

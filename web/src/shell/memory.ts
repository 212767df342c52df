/** Small things the browser keeps between visits; a browser that keeps nothing is no error. */

const name = (key: string): string => `seogi.${key}`;

export function remembered(key: string): string | null {
  try {
    return localStorage.getItem(name(key));
  } catch {
    return null;
  }
}

/** Keeps `value`; an empty one is forgotten. */
export function remember(key: string, value: string): void {
  try {
    if (value === '') localStorage.removeItem(name(key));
    else localStorage.setItem(name(key), value);
  } catch {
    // Private windows may refuse: then it lasts as long as the page.
  }
}

import { i18n } from '../i18n/index.svelte';
import { toasts } from './toasts.svelte';

/** Copies a text and says so with `told`; also where the page is not on a secure origin. */
export async function copy(text: string, told: string = i18n.t.app.copied): Promise<void> {
  try {
    if (navigator.clipboard) await navigator.clipboard.writeText(text);
    else if (!copyOldWay(text)) throw new Error('refused');
    toasts.show({ text: told }, 2_500);
  } catch {
    toasts.show({ text: i18n.t.app.notCopied, tone: 'danger' });
  }
}

/** Plain http on another machine has no clipboard interface. */
function copyOldWay(text: string): boolean {
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'for-readers';
  const before = document.activeElement as HTMLElement | null;
  (document.querySelector('dialog[open]') ?? document.body).append(area);
  area.select();
  const copied = document.execCommand('copy');
  area.remove();
  before?.focus();
  return copied;
}

/** Saves a text as a file. */
export function save(text: string, name: string, type: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

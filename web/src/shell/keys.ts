import { remember, remembered } from './memory';

/** Whether single letters are commands. Who dictates to the browser, or types by mistake, can turn that off. */
export const lettersAreCommands = (): boolean => remembered('letters') !== 'off';

export const useLetters = (on: boolean): void => remember('letters', on ? '' : 'off');

/** Whether what is typed belongs to the element that has the focus, not to the page. */
export function isTyping(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement | null;
  return !!target?.closest('input:not([type=checkbox], [type=range]), select, textarea, [contenteditable]');
}

/** Whether Space or Enter already means something where the focus is. */
export function isPressing(event: KeyboardEvent): boolean {
  return !!(event.target as HTMLElement | null)?.closest('button, a, summary, input, [role=menu]');
}

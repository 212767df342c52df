import { remember, remembered } from './memory';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

class Look {
  theme = $state<Theme>('system');

  start(): void {
    this.#show(THEMES.find((theme) => theme === remembered('theme')) ?? 'system');
  }

  choose(theme: Theme): void {
    remember('theme', theme === 'system' ? '' : theme);
    this.#show(theme);
  }

  #show(theme: Theme): void {
    this.theme = theme;
    if (theme === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }
}

/** Light, dark, or as the system has it. */
export const look = new Look();

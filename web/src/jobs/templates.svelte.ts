import { getTemplates } from '../api/client';
import type { TemplateList } from '../api/types';
import type { Messages } from '../i18n/messages';

/** The kinds of minutes that can be asked for, as the server lists them; none while it has not been asked. */
class Templates {
  list = $state.raw<TemplateList>({ templates: [], default: '' });
  #asked = false;

  /** Asks the server, once. */
  load(): void {
    if (this.#asked) return;
    this.#asked = true;
    // Without the list, what the server is set to can still be had.
    getTemplates().then(
      (list) => (this.list = list),
      () => (this.#asked = false),
    );
  }

  /** What a template is called: the built-in ones in the language of the page. */
  titleOf(name: string, t: Messages): string {
    const known = (t.templates.known as Record<string, string>)[name];
    return known ?? this.list.templates.find((template) => template.name === name)?.title ?? name;
  }

  /** What can be chosen: first what the server takes by itself. */
  options(t: Messages): { value: string; name: string }[] {
    const byItself = this.list.default === '' ? '' : ` (${this.titleOf(this.list.default, t)})`;
    const others = this.list.templates.map(({ name }) => ({ value: name, name: this.titleOf(name, t) }));
    return [{ value: '', name: `${t.templates.usual}${byItself}` }, ...others];
  }
}

export const templates = new Templates();

import { router } from '../shell/router.svelte';
import { HOME } from '../shell/routes';
import { uploadOptions } from './options.svelte';
import { uploads } from './uploads.svelte';

/** What the file chooser offers first; the server looks at the content, not at the name. */
const ACCEPT = 'audio/*,video/*,.mkv,.caf,.aiff,.aif,.opus,.weba,.m4b,.vtt,.srt,.json,.txt';

/** Takes files that were dropped or chosen, and shows how they are sent. */
export function take(files: Iterable<File>): void {
  const { wishes, title } = uploadOptions;
  uploads.add(files, { wishes, title: title.trim() });
  uploadOptions.title = '';
  if (router.route.view !== 'home') router.go(HOME);
}

/** The files of a drop; folders cannot be sent and are left out. */
export function filesOf(transfer: DataTransfer): File[] {
  const items = [...transfer.items].filter((item) => item.kind === 'file' && !item.webkitGetAsEntry()?.isDirectory);
  return items.map((item) => item.getAsFile()).filter((file) => file !== null);
}

/** One chooser for the whole page: Safari forgets the choice of one that nothing refers to. */
const chooser = Object.assign(document.createElement('input'), { type: 'file', multiple: true, accept: ACCEPT });
chooser.onchange = () => take(chooser.files ?? []);

/** Opens the file chooser from anywhere in the page. */
export function chooseFiles(): void {
  // The same file may be chosen again.
  chooser.value = '';
  chooser.click();
}

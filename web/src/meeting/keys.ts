import { isPressing, isTyping, lettersAreCommands } from '../shell/keys';

/** What the keyboard can do in a meeting. */
export interface Commands {
  toggle: () => void;
  skip: (seconds: number) => void;
  /** To the segment before (−1) or after (1). */
  step: (by: 1 | -1) => void;
  /** To the word before (−1) or after (1). */
  word: (by: 1 | -1) => void;
  speed: (by: 1 | -1) => void;
  follow: () => void;
  search: () => void;
  /** Opens the editor of the segment that the keyboard or else the sound is at. */
  edit: () => void;
  undo: () => void;
  redo: () => void;
  help: () => void;
}

/** Runs the command of a key, unless the key belongs to what has the focus. */
export function handleKeys(event: KeyboardEvent, commands: Commands): void {
  if (event.defaultPrevented || event.altKey) return;
  const command = event.ctrlKey || event.metaKey ? withControl(event, commands) : alone(event, commands);
  if (!command) return;
  event.preventDefault();
  command();
}

function withControl(event: KeyboardEvent, commands: Commands): (() => void) | undefined {
  const key = event.key.toLowerCase();
  if (!isTyping(event) && key === 'z') return event.shiftKey ? commands.redo : commands.undo;
  if (!isTyping(event) && key === 'y') return commands.redo;
  // The browser's own search sees only the rows that are rendered. Pressed again in ours, it is the browser's.
  return key === 'f' && !event.shiftKey && !isTyping(event) ? commands.search : undefined;
}

function alone(event: KeyboardEvent, commands: Commands): (() => void) | undefined {
  if (isTyping(event) || (event.target as HTMLElement | null)?.closest('[role=menu], dialog')) return undefined;
  if (event.key.length === 1 && event.key !== ' ' && !lettersAreCommands()) return undefined;
  const slider = (event.target as HTMLElement | null)?.matches('input[type=range]');
  switch (event.key) {
    case ' ':
      return isPressing(event) && !slider ? undefined : commands.toggle;
    case 'k':
    case 'K':
      return commands.toggle;
    case 'ArrowLeft':
      return event.shiftKey ? () => commands.word(-1) : () => commands.skip(-5);
    case 'ArrowRight':
      return event.shiftKey ? () => commands.word(1) : () => commands.skip(5);
    case 'j':
    case 'J':
      return () => commands.skip(-10);
    case 'l':
    case 'L':
      return () => commands.skip(10);
    case 'ArrowUp':
      return scrolls(event) ? undefined : () => commands.step(-1);
    case 'ArrowDown':
      return scrolls(event) ? undefined : () => commands.step(1);
    case '<':
      return () => commands.speed(-1);
    case '>':
      return () => commands.speed(1);
    case 'f':
    case 'F':
      return commands.follow;
    case 'e':
    case 'E':
      return commands.edit;
    case '/':
      return commands.search;
    case '?':
      return commands.help;
    default:
      return undefined;
  }
}

/** In the minutes, up and down scroll. */
const scrolls = (event: KeyboardEvent): boolean =>
  !!(event.target as HTMLElement | null)?.closest('[tabindex="0"]:not(button, input)');

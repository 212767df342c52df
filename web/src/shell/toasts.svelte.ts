export interface Toast {
  id: number;
  text: string;
  tone: 'plain' | 'danger';
  /** A button beside the text. */
  action?: { label: string; run: () => void };
}

const SHOWN_MS = 6_000;

class Toasts {
  list = $state.raw<Toast[]>([]);
  #next = 1;

  /** Shows a note for `ms` milliseconds; gives a function that takes it away. */
  show(toast: Omit<Toast, 'id' | 'tone'> & { tone?: Toast['tone'] }, ms = SHOWN_MS): () => void {
    const id = this.#next++;
    const close = () => {
      clearTimeout(timer);
      this.list = this.list.filter((other) => other.id !== id);
    };
    const timer = setTimeout(close, ms);
    this.list = [...this.list, { tone: 'plain', ...toast, id }];
    return close;
  }
}

export const toasts = new Toasts();

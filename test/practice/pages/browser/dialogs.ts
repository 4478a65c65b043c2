import { isRecord } from './frame-protocol.ts';

/** A short message at the bottom of the page. */
export function showSnackbar(args: unknown): void {
  const message = isRecord(args) ? String(args['message'] ?? '') : '';
  const bar = element('div', 'snackbar', message);
  bar.setAttribute('role', 'status');
  const link = isRecord(args) ? args['link'] : undefined;
  if (isRecord(link)) {
    const anchor = element('a', '', String(link['label'] ?? ''));
    anchor.setAttribute('href', String(link['url'] ?? '#'));
    bar.append(' ', anchor);
  }
  document.body.append(bar);
  setTimeout(() => bar.remove(), 6_000);
}

/** A real dialog; its red button is the default, as in Pipedrive. */
export function askConfirmation(args: unknown): Promise<{ confirmed: boolean }> {
  const text = (name: string, fallback: string) =>
    isRecord(args) && typeof args[name] === 'string' ? args[name] : fallback;
  const dialog = document.createElement('dialog');
  dialog.className = 'confirmation';
  const ok = button(text('okText', 'OK'), `button ${text('okColor', 'negative')}`, 'confirm-ok');
  const cancel = button(text('cancelText', 'Cancel'), 'button secondary', 'confirm-cancel');
  const actions = element('div', 'actions', '');
  actions.append(cancel, ok);
  dialog.append(element('h2', '', text('title', '')), element('p', '', text('description', '')), actions);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    const settle = (confirmed: boolean) => {
      dialog.remove();
      resolve({ confirmed });
    };
    ok.addEventListener('click', () => settle(true));
    cancel.addEventListener('click', () => settle(false));
    dialog.addEventListener('cancel', () => settle(false));
  });
}

export interface ModalShell {
  /** Where the frame goes. */
  body: HTMLElement;
  /** The box whose size a resize changes. */
  box: HTMLElement;
  remove(): void;
}

export function openModalShell(title: string, onClose: () => void): ModalShell {
  const overlay = element('div', 'overlay', '');
  const box = element('section', 'modal', '');
  box.setAttribute('role', 'dialog');
  box.setAttribute('aria-label', title);
  const close = button('×', 'close', 'modal-close');
  close.setAttribute('aria-label', 'Close');
  close.addEventListener('click', onClose);
  const head = element('header', '', title);
  head.append(close);
  const body = element('div', 'modal-body', '');
  box.append(head, body);
  overlay.append(box);
  document.body.append(overlay);
  return { body, box, remove: () => overlay.remove() };
}

function button(label: string, className: string, testId: string): HTMLButtonElement {
  const made = document.createElement('button');
  made.type = 'button';
  made.className = className;
  made.textContent = label;
  made.dataset['testid'] = testId;
  return made;
}

function element(tag: string, className: string, text: string): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

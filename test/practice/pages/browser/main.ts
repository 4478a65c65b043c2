import { createHost, type PracticeHost } from './host.ts';
import { readPageData } from './page-data.ts';

declare global {
  interface Window {
    __host: PracticeHost;
  }
}

const REFRESH_MS = 1_500;

const data = readPageData();
const host = createHost(data);
window.__host = host;

const slot = document.querySelector<HTMLElement>('#extension');
if (slot && data.frame) await mountExtension(slot, data.frame);

document.querySelector('#theme')?.addEventListener('click', () => {
  host.setTheme(document.documentElement.dataset['theme'] === 'dark' ? 'light' : 'dark');
});
document.querySelector('#panel-toggle')?.addEventListener('click', () => {
  const hidden = slot?.toggleAttribute('hidden') ?? false;
  host.emit('visibility', { is_visible: !hidden }, 'panel');
});
document.querySelector('#panel-reload')?.addEventListener('click', async () => {
  if (!slot || !data.frame) return;
  host.unmount('panel');
  await mountExtension(slot, data.frame);
});
document.addEventListener('change', (event) => {
  if (event.target instanceof HTMLSelectElement && event.target.id === 'who') {
    const address = new URL(location.href);
    address.searchParams.set('as', event.target.value);
    location.assign(address);
  }
});
document.addEventListener('submit', (event) => {
  if (!(event.target instanceof HTMLFormElement) || !event.target.dataset['live']) return;
  event.preventDefault();
  void send(event.target);
});
if (document.querySelector('#live')) setInterval(refresh, REFRESH_MS);

async function mountExtension(parent: HTMLElement, frame: NonNullable<typeof data.frame>): Promise<void> {
  const { surface, url, resource, selectedIds } = frame;
  const query = resource && selectedIds ? { resource, view: 'details', selectedIds } : {};
  await host.mount(surface, url, query, parent);
}

/** Forms of the page act at once and show the new state without touching the frame. */
async function send(form: HTMLFormElement): Promise<void> {
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) fields.append(name, String(value));
  await fetch(form.action, { method: 'POST', body: fields });
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  await refresh();
}

/** Shows what changed meanwhile (status, notes, fields), without a reload that would restart the panel. */
async function refresh(): Promise<void> {
  const live = document.querySelector('#live');
  if (!live || document.hidden || isTyping(live)) return;
  const address = new URL(location.href);
  address.searchParams.set('part', 'live');
  const answer = await fetch(address);
  if (!answer.ok) return;
  const text = await answer.text();
  if (live.getAttribute('data-shown') === text) return;
  live.setAttribute('data-shown', text);
  live.innerHTML = text;
}

function isTyping(live: Element): boolean {
  const focused = document.activeElement;
  return live.contains(focused) && focused?.matches('input, select') === true;
}

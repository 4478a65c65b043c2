import { askConfirmation, openModalShell, showSnackbar } from './dialogs.ts';
import { isRecord, type LogEntry } from './frame-protocol.ts';
import { type FrameMount, mountFrame } from './mount-frame.ts';
import type { PageData } from './page-data.ts';
import { acceptedSize, type Surface } from './sizes.ts';

/** What tests may look at and turn, on `window.__host`. */
export interface PracticeHost {
  log: LogEntry[];
  frames(): { id: string; surface: string }[];
  /** To all frames, or to those of one surface. */
  emit(event: string, data: unknown, surface?: string): void;
  fail(event: string, error: string): void;
  setTheme(theme: 'light' | 'dark'): void;
  /** Answers to give instead of doing what a command asks; a function may throw. */
  replies: Record<string, (args: unknown) => unknown>;
  /** False = `redirect_to` is only noted. */
  followRedirects: boolean;
}

export interface Host extends PracticeHost {
  mount(surface: Surface, url: string, query: Record<string, string>, parent: HTMLElement): Promise<FrameMount>;
  unmount(surface: Surface): void;
}

const PATHS: Record<string, string> = { deals: '/deal', organizations: '/organization', contacts: '/person' };

export function createHost(data: PageData): Host {
  const frames = new Set<FrameMount>();
  const closers = new Map<string, () => void>();
  let theme = data.theme;

  const execute = async (surface: Surface, command: string, args: unknown, frame: FrameMount): Promise<unknown> => {
    const reply = host.replies[command];
    if (reply) return reply(args);
    switch (command) {
      case 'initialize':
        resize(surface, isRecord(args) ? args['size'] : undefined, frame);
        return undefined;
      case 'resize':
        resize(surface, args, frame);
        return undefined;
      case 'get_signed_token':
        return { token: await signedToken(data) };
      case 'show_snackbar':
        showSnackbar(args);
        return undefined;
      case 'show_confirmation':
        return askConfirmation(args);
      case 'get_metadata':
        return { windowHeight: innerHeight, windowWidth: innerWidth };
      case 'open_modal':
        return openModal(args, frame);
      case 'close_modal':
        if (surface !== 'modal') throw new Error('Command is available in a custom modal only');
        setTimeout(() => closers.get(frame.id)?.(), 0);
        return undefined;
      case 'redirect_to':
        if (host.followRedirects) setTimeout(() => location.assign(redirectTarget(data, args)), 0);
        return undefined;
      case 'set_notification':
      case 'set_focus_mode':
      case 'show_floating_window':
      case 'hide_floating_window':
        return undefined;
      default:
        throw new Error('Invalid command');
    }
  };

  const resize = (surface: Surface, wanted: unknown, frame: FrameMount) => {
    const size = acceptedSize(surface, wanted, { width: innerWidth, height: innerHeight }, data.strictSizes);
    const target = surface === 'modal' ? frame.element.closest<HTMLElement>('.modal') : frame.element;
    if (size.height !== undefined) frame.element.style.height = `${size.height}px`;
    if (size.width !== undefined && target) target.style.width = `${size.width}px`;
  };

  /** Settles when the modal closes. */
  const openModal = async (args: unknown, opener: FrameMount): Promise<unknown> => {
    const type = isRecord(args) ? args['type'] : undefined;
    if (type !== 'custom_modal' || !isRecord(args)) return { status: 'closed' };
    const url = data.modals[String(args['action_id'])];
    if (!url) throw new Error('Modal not found');
    const { resource, selectedIds } = data.frame ?? {};
    const query: Record<string, string> = {
      ...(resource && selectedIds ? { resource, view: 'details', selectedIds } : {}),
      ...(args['data'] === undefined ? {} : { data: JSON.stringify(args['data']) }),
    };
    return new Promise((resolve, reject) => {
      const close = () => {
        shell.remove();
        host.unmount('modal');
        resolve({ status: 'closed' });
        opener.protocol.emit('close_custom_modal', {});
      };
      const shell = openModalShell(data.appName, close);
      host.mount('modal', url, query, shell.body).then((frame) => closers.set(frame.id, close), reject);
    });
  };

  const host: Host = {
    log: [],
    replies: {},
    followRedirects: true,
    frames: () => [...frames].map(({ id, surface }) => ({ id, surface })),
    emit: (event, value, surface) => {
      for (const frame of frames) if (!surface || frame.surface === surface) frame.protocol.emit(event, value);
    },
    fail: (event, error) => {
      for (const frame of frames) frame.protocol.fail(event, error);
    },
    setTheme: (next) => {
      theme = next;
      document.documentElement.dataset['theme'] = next;
      const address = new URL(location.href);
      address.searchParams.set('theme', next);
      history.replaceState(null, '', address);
      host.emit('user_settings_change', { theme: next });
    },
    mount: async (surface, url, query, parent) => {
      const token = await signedToken(data);
      const identity = { token, userId: String(data.userId), companyId: String(data.companyId), theme };
      const frame = mountFrame({
        parent,
        surface,
        url,
        query: { ...identity, ...query },
        initMs: data.initMs,
        execute: (command, args, mounted) => execute(surface, command, args, mounted),
        onTimeout: () => {
          frames.delete(frame);
          parent.dataset['state'] = 'failed';
        },
        log: (entry) => host.log.push(entry),
      });
      frames.add(frame);
      return frame;
    },
    unmount: (surface) => {
      for (const frame of frames) {
        if (frame.surface !== surface) continue;
        frame.remove();
        frames.delete(frame);
        closers.delete(frame.id);
      }
    },
  };
  return host;
}

async function signedToken(data: PageData): Promise<string> {
  const answer = await fetch(`/_page/token?as=${data.userId}`);
  const body: unknown = await answer.json();
  if (!isRecord(body) || typeof body['token'] !== 'string') throw new Error('No token');
  return body['token'];
}

function redirectTarget(data: PageData, args: unknown): string {
  const view = isRecord(args) ? String(args['view']) : '';
  const id = isRecord(args) ? args['id'] : undefined;
  const tail = `?as=${data.userId}&theme=${document.documentElement.dataset['theme'] ?? data.theme}`;
  if (view === 'settings') return `/settings/marketplace/app/${data.clientId}/app-settings${tail}`;
  const path = PATHS[view];
  return path && id !== undefined ? `${path}/${String(id)}${tail}` : `/${tail}`;
}

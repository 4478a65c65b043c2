import { createFrameProtocol, type FrameProtocol, type LogEntry } from './frame-protocol.ts';

export interface FrameMount {
  readonly id: string;
  readonly surface: string;
  readonly element: HTMLIFrameElement;
  readonly protocol: FrameProtocol;
  remove(): void;
}

export interface FrameMountOptions {
  parent: HTMLElement;
  surface: string;
  url: string;
  /** Everything but the id. */
  query: Record<string, string>;
  initMs: number;
  execute(command: string, args: unknown, frame: FrameMount): Promise<unknown>;
  /** The frame did not initialise in time and is gone. */
  onTimeout(): void;
  log(entry: LogEntry): void;
}

/** Puts an extension into the page the way Pipedrive does: hidden until it initialises, gone if it does not. */
export function mountFrame(options: FrameMountOptions): FrameMount {
  const id = crypto.randomUUID();
  const element = document.createElement('iframe');
  element.style.visibility = 'hidden';
  element.title = `App extension: ${options.surface}`;
  element.dataset['frameId'] = id;
  const source = new URL(options.url);
  for (const [name, value] of Object.entries({ ...options.query, id })) source.searchParams.set(name, value);

  const timer = setTimeout(() => {
    mount.remove();
    options.onTimeout();
  }, options.initMs);
  const protocol = createFrameProtocol({
    id,
    surface: options.surface,
    log: options.log,
    execute: async (command, args) => {
      const data = await options.execute(command, args, mount);
      if (command === 'initialize') {
        clearTimeout(timer);
        element.style.visibility = 'visible';
        options.parent.dataset['state'] = 'ready';
      }
      return data;
    },
  });
  const onMessage = (event: MessageEvent) => {
    void protocol.receive({
      fromFrame: event.source === element.contentWindow,
      data: event.data,
      ports: event.ports,
    });
  };
  const mount: FrameMount = {
    id,
    surface: options.surface,
    element,
    protocol,
    remove: () => {
      clearTimeout(timer);
      removeEventListener('message', onMessage);
      element.remove();
    },
  };
  addEventListener('message', onMessage);
  options.parent.dataset['state'] = 'loading';
  element.src = source.href;
  options.parent.append(element);
  return mount;
}

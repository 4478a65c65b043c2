/** One end of a message channel, as far as the host needs it. */
export interface HostPort {
  postMessage(message: unknown): void;
}

/** A message that reached the host's window. */
export interface HostMessage {
  /** Whether the sender is the window of the frame in question. */
  fromFrame: boolean;
  data: unknown;
  ports: readonly HostPort[];
}

export interface LogEntry {
  frame: string;
  surface: string;
  type: 'command' | 'listener' | 'track' | 'event';
  name: string;
  args?: unknown;
  answer?: unknown;
}

export interface FrameProtocolOptions {
  id: string;
  surface: string;
  /** Does what the command asks and gives its data; what it throws becomes the error text. */
  execute(command: string, args: unknown): Promise<unknown>;
  log(entry: LogEntry): void;
}

export interface FrameProtocol {
  /** Ignores what is not for this frame; answers each command once, with an object. */
  receive(message: HostMessage): Promise<void>;
  emit(event: string, data: unknown): void;
  /** What a host does when an event cannot be delivered any more. */
  fail(event: string, error: string): void;
}

/** The wire protocol of Pipedrive's app extensions SDK, from the host's side. */
export function createFrameProtocol(options: FrameProtocolOptions): FrameProtocol {
  const { id, surface } = options;
  const listeners = new Map<string, Set<HostPort>>();
  const tell = (event: string, message: unknown) => {
    options.log({ frame: id, surface, type: 'event', name: event, answer: message });
    for (const port of listeners.get(event) ?? []) port.postMessage(message);
  };

  const command = async (name: string, args: unknown, port: HostPort) => {
    const entry: LogEntry = { frame: id, surface, type: 'command', name, args };
    let answer: object;
    try {
      const data = await options.execute(name, args);
      answer = data === undefined ? {} : { data };
    } catch (error) {
      answer = { error: error instanceof Error ? error.message : String(error) };
    }
    options.log({ ...entry, answer });
    port.postMessage(answer);
  };

  return {
    receive: async ({ fromFrame, data, ports }) => {
      if (!fromFrame || !isRecord(data) || data['id'] !== id || !isRecord(data['payload'])) return;
      const payload = data['payload'];
      const [port] = ports;
      if (payload['type'] === 'track') {
        options.log({ frame: id, surface, type: 'track', name: String(payload['event']) });
      } else if (payload['type'] === 'listener' && port) {
        const event = String(payload['event']);
        options.log({ frame: id, surface, type: 'listener', name: event });
        const ports = listeners.get(event) ?? new Set();
        listeners.set(event, ports.add(port));
      } else if (payload['type'] === 'command' && port) {
        await command(String(payload['command']), payload['args'], port);
      }
    },
    emit: (event, data) => tell(event, { data }),
    fail: (event, error) => tell(event, { error }),
  };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

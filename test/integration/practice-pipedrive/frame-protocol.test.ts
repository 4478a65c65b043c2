import { describe, expect, it } from 'vitest';
import { createFrameProtocol, type HostPort, type LogEntry } from '../../practice/pages/browser/frame-protocol.ts';
import { acceptedSize } from '../../practice/pages/browser/sizes.ts';

const viewport = { width: 1200, height: 800 };

interface Setup {
  log: LogEntry[];
  protocol: ReturnType<typeof createFrameProtocol>;
  send(payload: unknown, overrides?: { id?: string; fromFrame?: boolean }): Promise<unknown[]>;
}

function setUp(execute: (command: string, args: unknown) => Promise<unknown>): Setup {
  const log: LogEntry[] = [];
  const protocol = createFrameProtocol({ id: 'f1', surface: 'panel', execute, log: (entry) => log.push(entry) });
  return {
    log,
    protocol,
    send: async (payload, { id = 'f1', fromFrame = true } = {}) => {
      const answers: unknown[] = [];
      const port: HostPort = { postMessage: (message) => answers.push(message) };
      await protocol.receive({ fromFrame, data: { payload, id }, ports: [port] });
      return answers;
    },
  };
}

const command = (name: string, args?: unknown) => ({ type: 'command', command: name, args });

describe('practice page: wire protocol of the app extensions SDK', () => {
  it('answers each command once, with an object: data, nothing, or an error', async () => {
    const { send, log } = setUp(async (name) => {
      if (name === 'fails') throw new Error('no luck');
      return name === 'get_signed_token' ? { token: 't' } : undefined;
    });
    expect(await send(command('get_signed_token'))).toEqual([{ data: { token: 't' } }]);
    expect(await send(command('initialize', {}))).toEqual([{}]);
    expect(await send(command('fails'))).toEqual([{ error: 'no luck' }]);
    expect(log.map(({ name }) => name)).toEqual(['get_signed_token', 'initialize', 'fails']);
  });

  it('ignores other windows, other ids and messages of other tools', async () => {
    const { send, log, protocol } = setUp(async () => undefined);
    expect(await send(command('initialize'), { id: 'f2' })).toEqual([]);
    expect(await send(command('initialize'), { fromFrame: false })).toEqual([]);
    await protocol.receive({ fromFrame: true, data: 'webpackHotUpdate', ports: [] });
    expect(log).toEqual([]);
  });

  it('keeps the ports of listeners and tells them every event, data or error', async () => {
    const { protocol } = setUp(async () => undefined);
    const got: unknown[] = [];
    const port = { postMessage: (message: unknown) => got.push(message) };
    const listener = { payload: { type: 'listener', event: 'user_settings_change' }, id: 'f1' };
    await protocol.receive({ fromFrame: true, data: listener, ports: [port] });
    protocol.emit('user_settings_change', { theme: 'dark' });
    protocol.emit('visibility', { is_visible: false });
    protocol.fail('user_settings_change', 'gone');
    expect(got).toEqual([{ data: { theme: 'dark' } }, { error: 'gone' }]);
  });

  it('notes tracking without an answer', async () => {
    const { send, log } = setUp(async () => undefined);
    expect(await send({ type: 'track', event: 'focused' })).toEqual([]);
    expect(log).toMatchObject([{ type: 'track', name: 'focused' }]);
  });

  it('keeps panels between 100 and 750 pixels: outside is ignored, or refused in strict mode', () => {
    const panel = (height: number, strict = false) => acceptedSize('panel', { height, width: 900 }, viewport, strict);
    expect(panel(420)).toEqual({ height: 420 });
    expect(panel(751)).toEqual({});
    expect(panel(99)).toEqual({});
    expect(() => panel(751, true)).toThrow('between 100 and 750');
    expect(acceptedSize('modal', { height: 500, width: 300 }, viewport, false)).toEqual({ height: 500 });
  });
});

import { connect, createServer, type Socket } from 'node:net';

export interface Relay {
  readonly url: string;
  /** Cuts what is open; from now on the port on this machine is another one. */
  leadTo(port: number): void;
  close(): Promise<void>;
}

/** An address behind which another server can be put. */
export async function startRelay(to: number): Promise<Relay> {
  let target = to;
  const sockets = new Set<Socket>();
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => undefined);
    }
    near.pipe(far).pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `https://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    leadTo(port) {
      target = port;
      cut();
    },
    async close() {
      cut();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** What the proxy does with one piece of the conversation. `cut` ends both sides at once; `drop` forwards nothing and goes on. */
export type Verdict = 'pass' | 'cut' | 'cut-after' | 'drop';

export interface FaultProxy {
  readonly port: number;
  /** asked for every piece that goes to the service; `cut-after` forwards it, waits for the service's answer, and ends then */
  onRequest: (bytes: Buffer) => Verdict;
  /** asked for every piece of an answer */
  onAnswer: (bytes: Buffer) => Verdict;
  /** ends all conversations; with `refuse`, new ones are refused as long as it is true */
  cutAll(): void;
  refuse: boolean;
  close(): Promise<void>;
}

/** A TCP proxy on loopback before a service, that can end a conversation at any piece. */
export async function faultProxy(target: { readonly host: string; readonly port: number }): Promise<FaultProxy> {
  const open = new Set<Socket>();
  const server = createServer((client) => {
    if (proxy.refuse) {
      client.destroy();
      return;
    }
    const service = connect({ host: target.host, port: target.port });
    let cutAtAnswer = false;
    const end = (): void => {
      client.destroy();
      service.destroy();
      open.delete(client);
    };
    open.add(client);
    client.on('data', (bytes: Buffer) => {
      const verdict = proxy.onRequest(bytes);
      if (verdict === 'cut') return end();
      if (verdict === 'cut-after') cutAtAnswer = true;
      if (verdict !== 'drop') service.write(bytes);
    });
    service.on('data', (bytes: Buffer) => {
      if (cutAtAnswer) return end();
      const verdict = proxy.onAnswer(bytes);
      if (verdict === 'cut') return end();
      if (verdict !== 'drop') client.write(bytes);
      if (verdict === 'cut-after') end();
    });
    for (const socket of [client, service]) {
      socket.setNoDelay(true);
      socket.on('error', end);
      socket.on('close', end);
    }
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const proxy: FaultProxy = {
    port: (server.address() as AddressInfo).port,
    onRequest: () => 'pass',
    onAnswer: () => 'pass',
    refuse: false,
    cutAll() {
      for (const socket of open) socket.destroy();
    },
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise<void>((closed) => server.close(() => closed()));
    },
  };
  return proxy;
}

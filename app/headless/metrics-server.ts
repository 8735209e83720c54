import { createServer, type Server } from 'node:http';
import type { RunEvent } from '../../engine/model/run-event.ts';
import { Fault } from '../../engine/model/fault.ts';
import { prometheusText, type MetricsSnapshot } from './prometheus-text.ts';

type Kept = { -readonly [K in keyof MetricsSnapshot]: MetricsSnapshot[K] };

/** `--metrics-port`: Prometheus text at /metrics and liveness at /healthz, on loopback unless a host is given. */
export class MetricsServer {
  readonly #server: Server;
  readonly #kept: Omit<Kept, 'nowMs'>;

  private constructor(pipeline: string, server: Server) {
    this.#server = server;
    this.#kept = { pipeline, state: 'starting', epoch: 0, report: undefined, nodes: {} };
  }

  static async listen(pipeline: string, port: number, host: string, nowMs: () => number): Promise<MetricsServer> {
    const server = createServer();
    const metrics = new MetricsServer(pipeline, server);
    server.on('request', (request, response) => {
      if (request.method !== 'GET') return response.writeHead(405).end();
      if (request.url === '/metrics') {
        return response
          .writeHead(200, { 'content-type': 'text/plain; version=0.0.4' })
          .end(prometheusText({ ...metrics.#kept, nowMs: nowMs() }));
      }
      if (request.url === '/healthz') {
        const alive = metrics.#kept.state !== 'failed';
        return response
          .writeHead(alive ? 200 : 503, { 'content-type': 'application/json' })
          .end(JSON.stringify({ state: metrics.#kept.state }));
      }
      return response.writeHead(404).end();
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) =>
        reject(
          new Fault('fatal', 'metrics_port', `The metrics port ${host}:${port} cannot be used: ${portReason(error)}.`, {
            mend: 'Choose another --metrics-port.',
            cause: error,
          }),
        ),
      );
      server.listen(port, host, resolve);
    });
    return metrics;
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  see(event: RunEvent): void {
    if (event.type === 'state') this.#kept.state = event.state;
    else if (event.type === 'meters') {
      this.#kept.nodes = event.nodes;
      this.#kept.epoch = event.epoch;
    } else if (event.type === 'epoch') this.#kept.report = event.report;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }
}

function portReason(error: Error): string {
  switch ((error as { code?: string }).code) {
    case 'EADDRINUSE':
      return 'another program uses it';
    case 'EACCES':
      return 'this user may not listen on it';
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return 'this machine has no such address';
    default:
      return error.message;
  }
}

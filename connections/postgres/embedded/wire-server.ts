import { timingSafeEqual } from 'node:crypto';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { PGlite } from '@electric-sql/pglite';

const SSL_REQUEST = 80877103;
const GSS_REQUEST = 80877104;
const CANCEL_REQUEST = 80877102;
const IDLE = 0x49;

function code(letter: string): number {
  return letter.charCodeAt(0);
}

/** AuthenticationCleartextPassword */
const ASK_PASSWORD = Buffer.from([code('R'), 0, 0, 0, 8, 0, 0, 0, 3]);
const WRONG_PASSWORD = errorResponse('28P01', 'wrong password for the embedded PostgreSQL');

/** The messages of one client that must run together: a simple query, or everything up to Sync. */
interface Unit {
  readonly client: Client;
  readonly bytes: Buffer;
}

interface Client {
  readonly socket: Socket;
  received: Buffer;
  /** extended-protocol messages that wait for their Sync */
  pending: Buffer[];
  /** the startup message, kept until the password has come */
  startup: Buffer | undefined;
  started: boolean;
  gone: boolean;
}

/**
 * PostgreSQL's wire protocol over a PGlite, which has one session for all clients. So a client has it alone from its first
 * message to Sync (another client's Parse would replace the unnamed statement in between), and from BEGIN to COMMIT.
 * @electric-sql/pglite-socket queues message by message, which mixes up the answers of clients outside transactions.
 */
export class WireServer {
  readonly #database: PGlite;
  readonly #password: string;
  readonly #server: Server;
  readonly #clients = new Set<Client>();
  readonly #onBroken: (error: unknown) => void;
  #queue: Unit[] = [];
  /** the client that is inside a transaction */
  #holder: Client | undefined;
  #running = false;

  /**
   * password: what clients must know, for a loopback port is open to every user of the machine.
   * onBroken: PGlite failed below the protocol; it must not be used any more.
   */
  constructor(database: PGlite, password: string, onBroken: (error: unknown) => void) {
    this.#database = database;
    this.#password = password;
    this.#onBroken = onBroken;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  get clients(): number {
    return this.#clients.size;
  }

  async listen(): Promise<number> {
    await new Promise<void>((ready, failed) => {
      this.#server.once('error', failed);
      this.#server.listen(0, '127.0.0.1', ready);
    });
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.socket.destroy();
    await new Promise<void>((closed) => this.#server.close(() => closed()));
  }

  #accept(socket: Socket): void {
    const client: Client = { socket, received: Buffer.alloc(0), pending: [], startup: undefined, started: false, gone: false };
    this.#clients.add(client);
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => {
      client.received = client.received.length === 0 ? bytes : Buffer.concat([client.received, bytes]);
      this.#read(client);
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#leave(client));
  }

  #leave(client: Client): void {
    client.gone = true;
    this.#clients.delete(client);
    this.#queue = this.#queue.filter((unit) => unit.client !== client);
    void this.#work();
  }

  /** Cuts what was received into units. */
  #read(client: Client): void {
    for (;;) {
      const { received } = client;
      if (!client.started && client.startup === undefined) {
        if (received.length < 8 || received.length < received.readInt32BE(0)) return;
        const length = received.readInt32BE(0);
        const request = received.readInt32BE(4);
        client.received = received.subarray(length);
        if (request === SSL_REQUEST || request === GSS_REQUEST) client.socket.write('N');
        else if (request === CANCEL_REQUEST) return void client.socket.destroy();
        else {
          client.startup = received.subarray(0, length);
          client.socket.write(ASK_PASSWORD);
        }
        continue;
      }
      if (received.length < 5 || received.length < 1 + received.readInt32BE(1)) return;
      const length = 1 + received.readInt32BE(1);
      const message = received.subarray(0, length);
      client.received = received.subarray(length);
      if (!client.started) {
        if (message[0] !== code('p') || !this.#knows(message.subarray(5, -1))) return void client.socket.end(WRONG_PASSWORD);
        client.started = true;
        this.#add(client, client.startup!);
        continue;
      }
      if (message[0] === code('X')) return void client.socket.end();
      client.pending.push(message);
      if (message[0] === code('Q') || message[0] === code('S')) {
        const bytes = client.pending.length === 1 ? message : Buffer.concat(client.pending);
        client.pending = [];
        this.#add(client, bytes);
      }
    }
  }

  #knows(password: Buffer): boolean {
    const expected = Buffer.from(this.#password);
    return password.length === expected.length && timingSafeEqual(password, expected);
  }

  #add(client: Client, bytes: Buffer): void {
    this.#queue.push({ client, bytes });
    void this.#work();
  }

  async #work(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    try {
      for (;;) {
        if (this.#holder?.gone === true) {
          this.#holder = undefined;
          await this.#database.exec('ROLLBACK');
        }
        const at = this.#holder === undefined ? 0 : this.#queue.findIndex((unit) => unit.client === this.#holder);
        const unit = this.#queue[at];
        if (unit === undefined) return;
        this.#queue.splice(at, 1);
        const status = await this.#run(unit);
        this.#holder = status === undefined || status === IDLE ? undefined : unit.client;
      }
    } catch (error) {
      this.#onBroken(error);
    } finally {
      this.#running = false;
    }
  }

  /** The transaction status of the last ReadyForQuery, which ends every answer: I idle, T in a transaction, E in a failed one. */
  async #run({ client, bytes }: Unit): Promise<number | undefined> {
    let status: number | undefined;
    await this.#database.runExclusive(() =>
      this.#database.execProtocolRawStream(bytes, {
        onRawData: (data) => {
          status = data.at(-1);
          // PGlite reuses the buffer behind `data`
          if (!client.gone) client.socket.write(Buffer.from(data));
        },
      }),
    );
    return status;
  }
}

function errorResponse(state: string, message: string): Buffer {
  const body = Buffer.from(`SFATAL\0VFATAL\0C${state}\0M${message}\0\0`);
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

export interface Broker {
  readonly directory: string;
  readonly host: string;
  readonly port: number;
  readonly securePort: number;
  readonly user: string;
  readonly password: string;
  /** PEM file */
  readonly ca: string;
}
export function isInstalled(): boolean;
export function prepareBroker(directory: string): Promise<Broker>;
/** `directory` holds server.properties */
export function formatStorage(directory: string, cluster: string, more?: readonly string[]): void;
export function freePorts(count: number): Promise<number[]>;
export function startBroker(broker: Pick<Broker, 'directory' | 'port'>): Promise<number>;
export function stopBroker(pid: number, signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;

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
export function startBroker(broker: Broker): Promise<number>;
export function stopBroker(pid: number, signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;

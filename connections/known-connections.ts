import type { Environment, Service } from './profile.ts';

/** `kafka`, `postgres` and `redis` always exist (else as stand-ins); further names exist when the environment says where they are. */
export function knownConnections(env: Environment): readonly { readonly service: Service; readonly name: string }[] {
  const known: { service: Service; name: string }[] = [
    { service: 'kafka', name: 'kafka' },
    { service: 'postgres', name: 'postgres' },
    { service: 'redis', name: 'redis' },
  ];
  const add = (service: Service, prefix: string): void => {
    const name = prefix.toLowerCase().replaceAll('_', '-');
    if (!known.some((other) => other.service === service && other.name === name)) known.push({ service, name });
  };
  for (const [variable, value] of Object.entries(env)) {
    if (value === undefined || value === '') continue;
    const kafka = /^([A-Z][A-Z0-9_]*)_BOOTSTRAP_SERVERS$/.exec(variable);
    if (kafka !== null) add('kafka', kafka[1]!);
    const postgres = /^([A-Z][A-Z0-9_]*)_DB$/.exec(variable);
    if (postgres !== null && env[`${postgres[1]!}_HOST`] !== undefined) add('postgres', postgres[1]!);
    const redis = /^([A-Z][A-Z0-9_]*)_URL$/.exec(variable);
    if (redis !== null && /^rediss?:/.test(value)) add('redis', redis[1]!);
  }
  return known;
}

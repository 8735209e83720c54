import { Fault } from '../../../engine/model/fault.ts';

interface ErrorLike {
  readonly message?: string;
  readonly code?: unknown;
  /** @platformatic/kafka: name of the protocol error */
  readonly apiId?: unknown;
  /** kafkajs: the same */
  readonly type?: unknown;
  readonly name?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
}

/** The error, its causes and its parts, outermost first. */
function* parts(error: unknown, depth = 0): Generator<ErrorLike> {
  if (typeof error !== 'object' || error === null || depth > 8) return;
  const one = error as ErrorLike;
  yield one;
  if (Array.isArray(one.errors)) for (const inner of one.errors as unknown[]) yield* parts(inner, depth + 1);
  yield* parts(one.cause, depth + 1);
}

/** Names of the protocol errors in it: UNKNOWN_TOPIC_OR_PARTITION … */
export function protocolErrors(error: unknown): ReadonlySet<string> {
  const names = new Set<string>();
  for (const one of parts(error)) {
    if (typeof one.apiId === 'string') names.add(one.apiId);
    if (typeof one.type === 'string') names.add(one.type);
    if (one.name === 'KafkaJSSASLAuthenticationError') names.add('SASL_AUTHENTICATION_FAILED');
  }
  return names;
}

const CREDENTIALS = new Set(['SASL_AUTHENTICATION_FAILED', 'UNSUPPORTED_SASL_MECHANISM', 'ILLEGAL_SASL_STATE']);
const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);
const TLS = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO)/;

/** What the error of a client library means for the caller. Unknown ones are tried again. */
export function kafkaFault(error: unknown, target: string, doing: string): Fault {
  if (error instanceof Fault) return error;
  const all = [...parts(error)];
  const names = protocolErrors(error);
  const said = all.map((one) => one.message ?? '').find((text) => text !== '') ?? String(error);
  const last = all.at(-1)?.message ?? said;
  const tls = all.find(
    (one) => (typeof one.code === 'string' && TLS.test(one.code)) || /requires TLS|supports TLS|SSL alert/.test(one.message ?? ''),
  );
  if (tls !== undefined) {
    return new Fault('fatal', 'kafka_tls', `No secure connection to Kafka at ${target}: ${tls.message ?? String(tls.code)}.`, {
      mend: 'Check KAFKA_SECURITY_PROTOCOL, KAFKA_SSL_CA_FILE, KAFKA_SSL_CERT_FILE and KAFKA_SSL_KEY_FILE.',
      cause: error,
    });
  }
  if ([...names].some((name) => CREDENTIALS.has(name))) {
    return new Fault('fatal', 'kafka_credentials', `Kafka at ${target} does not accept the credentials (${doing}).`, {
      mend: 'Check KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD.',
      cause: error,
    });
  }
  if (all.some((one) => one.code === 'PLT_KFK_AUTHENTICATION')) {
    // a broker that goes down looks the same as one that wants TLS
    const sentence = `Kafka at ${target} closes the connection while we log in: it is going down, or it wants another security protocol.`;
    return new Fault('retry', 'kafka_login', sentence, { mend: 'Check KAFKA_SECURITY_PROTOCOL.', cause: error });
  }
  const right = [...names].find((name) => name.endsWith('_AUTHORIZATION_FAILED'));
  if (right !== undefined) {
    const resource = right.replace('_AUTHORIZATION_FAILED', '').toLowerCase().replaceAll('_', ' ');
    return new Fault('fatal', 'kafka_rights', `Kafka at ${target} does not allow ${doing}: no right for this ${resource}.`, {
      mend: `Grant the user of KAFKA_SASL_USERNAME the right for the ${resource}.`,
      cause: error,
    });
  }
  const refused = [...names].find((name) => TOO_LARGE.has(name));
  if (refused !== undefined) {
    return new Fault('fatal', 'kafka_too_large', `Kafka at ${target} refuses messages of this size (${doing}).`, {
      mend: 'Raise max.message.bytes of the topic to 1 MiB or more.',
      cause: error,
    });
  }
  const reason = last === said || last === '' ? said : `${said} ${last}`;
  return new Fault('retry', 'kafka_unreachable', `Kafka at ${target} does not answer (${doing}): ${reason.replace(/\.+$/, '')}.`, {
    cause: error,
  });
}

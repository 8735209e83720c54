import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { Fault } from '../../engine/model/fault.ts';

const CHUNK_BYTES = 1024 * 1024;

/** The bytes of a file from a place on, decompressed; undefined: the end. */
export interface ChunkReader {
  /** valid until the next call */
  next(): Promise<Uint8Array | undefined>;
  close(): Promise<void>;
}

/**
 * Opens a plain or gzip file (told by its first bytes) at a byte of its content that begins a line. Refused when that
 * byte cannot be the beginning of a line any more: the file has been changed.
 */
export async function openChunks(path: string, fromByte: number): Promise<ChunkReader> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    const magic = new Uint8Array(2);
    const { bytesRead } = await file.read(magic, 0, 2, 0);
    const zipped = bytesRead === 2 && magic[0] === 0x1f && magic[1] === 0x8b;
    if (!zipped) {
      await checkPlace(file, path, fromByte);
      return plain(file, path, fromByte);
    }
    await file.close();
    return await unzipped(path, fromByte);
  } catch (error) {
    await file?.close().catch(() => undefined);
    throw asFault(error, path);
  }
}

async function checkPlace(file: FileHandle, path: string, fromByte: number): Promise<void> {
  const { size } = await file.stat();
  if (fromByte > size) throw changed(path, fromByte);
  if (fromByte === 0 || fromByte === size) return;
  const before = new Uint8Array(1);
  await file.read(before, 0, 1, fromByte - 1);
  if (before[0] !== 0x0a) throw changed(path, fromByte);
}

function plain(file: FileHandle, path: string, fromByte: number): ChunkReader {
  const chunk = new Uint8Array(CHUNK_BYTES);
  let at = fromByte;
  return {
    async next() {
      try {
        const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
        at += bytesRead;
        return bytesRead === 0 ? undefined : chunk.subarray(0, bytesRead);
      } catch (error) {
        throw asFault(error, path);
      }
    },
    close: () => file.close(),
  };
}

/** A gzip stream has no way to its middle: what was read before is decompressed again and dropped. */
async function unzipped(path: string, fromByte: number): Promise<ChunkReader> {
  const input = createReadStream(path);
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  input.on('error', (error) => gunzip.destroy(error));
  const chunks = input.pipe(gunzip)[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  const next = async (): Promise<Uint8Array | undefined> => {
    try {
      const result = await chunks.next();
      return result.done === true ? undefined : result.value;
    } catch (error) {
      throw asFault(error, path);
    }
  };
  const close = async (): Promise<void> => {
    input.destroy();
    gunzip.destroy();
  };
  let first: Uint8Array | undefined;
  let lastByte = 0x0a;
  for (let skip = fromByte; skip > 0;) {
    const chunk = await next();
    if (chunk === undefined) {
      await close();
      throw changed(path, fromByte);
    }
    lastByte = chunk[Math.min(skip, chunk.length) - 1]!;
    if (chunk.length > skip) first = chunk.subarray(skip);
    skip -= Math.min(skip, chunk.length);
  }
  if (lastByte !== 0x0a) {
    first ??= await next();
    if (first !== undefined) {
      await close();
      throw changed(path, fromByte);
    }
  }
  return {
    next() {
      const held = first;
      first = undefined;
      return held === undefined ? next() : Promise.resolve(held);
    },
    close,
  };
}

function changed(path: string, fromByte: number): Fault {
  return new Fault(
    'refused',
    'file_changed',
    `The file ${path} is not the one that was read: no line begins at byte ${fromByte} any more.`,
    {
      mend: 'Put the file back as it was, or start over with --fresh.',
    },
  );
}

function asFault(error: unknown, path: string): unknown {
  if (error instanceof Fault || !(error instanceof Error)) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT')
    return new Fault('fatal', 'file_missing', `There is no file ${path}.`, {
      mend: 'Give the path of an existing file.',
      cause: error,
    });
  if (code === 'EISDIR')
    return new Fault('fatal', 'file_missing', `${path} is a directory, not a file.`, {
      mend: 'Give the path of a file.',
      cause: error,
    });
  if (code === 'EACCES' || code === 'EPERM') {
    return new Fault('fatal', 'file_unreadable', `The file ${path} may not be read.`, {
      mend: 'Grant the right to read it.',
      cause: error,
    });
  }
  if (code?.startsWith('Z_') === true) {
    return new Fault(
      'fatal',
      'file_broken',
      `The gzip file ${path} is damaged or cut off (${error.message}); the lines before that place were read.`,
      {
        mend: 'Get an undamaged copy of the file.',
        cause: error,
      },
    );
  }
  return new Fault('fatal', 'file_unreadable', `The file ${path} cannot be read: ${error.message}.`, { cause: error });
}

import { useCallback, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { api } from '../../protocol/api.ts';
import type { DeadLetter, DeadPage } from '../../protocol/browse.ts';
import { documentStore } from '../document/document-store.ts';
import { ask, refusalText } from '../run/client.ts';
import { feed } from '../run/live-feed.ts';
import { Button } from '../ui/button.tsx';
import { formatClockMs, formatCount, plural } from '../ui/figures.ts';
import { HealthMark } from '../ui/health.tsx';
import { hintDone } from '../ui/layout-store.ts';
import { toast } from '../ui/toast-store.ts';
import { HexView } from './hex-view.tsx';

const LOOK_MS = 3000;

/** Rows that broke: by cause, with their bytes, to be mended and sent again. */
export function DeadPanel() {
  const id = useStore(documentStore, (state) => state.document.id);
  const [page, setPage] = useState<DeadPage>();
  const [failed, setFailed] = useState<string>();
  const [group, setGroup] = useState<{ readonly node: string; readonly code: string }>();
  const [at, setAt] = useState(0);
  const [edited, setEdited] = useState<string>();

  const look = useCallback(async () => {
    try {
      setPage(await ask(api.dead, { id }, group === undefined ? {} : { node: group.node, code: group.code }));
      setFailed(undefined);
    } catch (error) {
      setFailed(refusalText(error).title);
    }
  }, [id, group]);
  useEffect(() => {
    hintDone('dead');
    void look();
    let last = Date.now();
    return feed.on('second')(() => {
      if (Date.now() - last < LOOK_MS) return;
      last = Date.now();
      void look();
    });
  }, [look]);
  useEffect(() => {
    setAt(0);
    setEdited(undefined);
  }, [group]);

  if (failed !== undefined) return <p className="nothing">{failed}</p>;
  if (page === undefined) return <p className="nothing">Reading the dead letters</p>;
  if (page.total === 0 && page.groups.length === 0) {
    return (
      <div className="nothing">
        <b>No dead letters</b>
        <span>Every row that came in could be read.</span>
      </div>
    );
  }
  const now = group ?? page.groups[0];
  const letters = page.letters.filter((letter) => now === undefined || (letter.code === now.code && letter.node === now.node));
  const letter = letters[Math.min(at, letters.length - 1)];
  const count = page.groups.find((entry) => entry.code === now?.code && entry.node === now.node)?.count ?? letters.length;
  const send = async (
    request: Parameters<
      typeof ask<Parameters<NonNullable<typeof api.replay.carries>>[0], ReturnType<NonNullable<typeof api.replay.carries>>>
    >[2],
  ) => {
    try {
      const replayed = await ask(api.replay, { id }, request);
      toast({
        health: replayed.late > 0 ? 'late' : 'ok',
        title: `${plural(replayed.sent, 'dead letter')} replayed`,
        note:
          replayed.late > 0
            ? `${formatCount(replayed.late)} of them are late: their windows are final.`
            : 'As new input, partition replay.',
      });
      setEdited(undefined);
      await look();
    } catch (error) {
      toast({ health: 'bad', ...refusalText(error) });
    }
  };
  return (
    <div className="dl">
      <div className="dl-list">
        <div className="dl-head cap">
          <span className="grow">Cause</span>Rows
        </div>
        {page.groups.map((entry) => (
          <button
            key={`${entry.node} ${entry.code}`}
            type="button"
            className={`dl-group${entry.code === now?.code && entry.node === now.node ? ' on' : ''}`}
            onClick={() => setGroup({ node: entry.node, code: entry.code })}
          >
            <span className="grow">
              <b className="mono">{entry.code}</b>
              <span className="cap clip">
                {entry.node}: {entry.sentence}
              </span>
            </span>
            <span className="num med">{formatCount(entry.count)}</span>
          </button>
        ))}
        {page.dropped > 0 && <p className="cap dl-dropped">{formatCount(page.dropped)} older ones were dropped and are counted.</p>}
      </div>
      {letter === undefined ? (
        <p className="nothing">None of this cause is kept any more.</p>
      ) : (
        <div className="dl-detail">
          <div className="row">
            <b className="strong grow clip">{sentence(letter.sentence)}</b>
            <HealthMark health="bad">{letter.replayed ? 'dead, replayed' : 'dead, kept'}</HealthMark>
            <Button small look="quiet" icon="chevron-up" label="Newer" disabled={at === 0} onClick={() => setAt(at - 1)} />
            <span className="cap num">
              {at + 1} of {letters.length}
            </span>
            <Button
              small
              look="quiet"
              icon="chevron-down"
              label="Older"
              disabled={at >= letters.length - 1}
              onClick={() => setAt(at + 1)}
            />
          </div>
          <p className="para t2">
            Row{' '}
            <span className="mono">
              {letter.source}/{letter.partition} @{letter.offset.toLocaleString('en-US')}
            </span>{' '}
            at node <span className="mono">{letter.node}</span>, {formatClockMs(letter.at)}. The pipeline went on without this row.
          </p>
          {edited === undefined ? (
            <HexView letter={letter} />
          ) : (
            <textarea
              className="field mono"
              rows={6}
              value={edited}
              aria-label="Content of the row"
              spellCheck={false}
              onChange={(event) => setEdited(event.target.value)}
            />
          )}
          <div className="row dl-acts">
            {edited === undefined ? (
              <>
                <Button small look="primary" icon="rotate-ccw" onClick={() => setEdited(textOf(letter))}>
                  Edit and replay
                </Button>
                <Button small onClick={() => now !== undefined && void send({ node: now.node, code: now.code })}>
                  Replay {plural(count, 'row')}
                </Button>
                <Button
                  small
                  icon="copy"
                  onClick={() =>
                    void navigator.clipboard.writeText(textOf(letter)).then(() => toast({ health: 'ok', title: 'Copied' }))
                  }
                >
                  Copy
                </Button>
              </>
            ) : (
              <>
                <Button small look="primary" icon="send" onClick={() => void send({ id: letter.id, text: edited })}>
                  Replay this row
                </Button>
                <Button small onClick={() => setEdited(undefined)}>
                  Cancel
                </Button>
              </>
            )}
            <span className="cap clip">
              A replay is new input, partition <span className="mono">replay</span>; rows of final windows are late.
            </span>
          </div>
        </div>
      )}
    </div>
  );
}

function textOf(letter: DeadLetter): string {
  return new TextDecoder().decode(Uint8Array.from(atob(letter.bytes), (char) => char.charCodeAt(0)));
}

function sentence(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

import { useState } from 'react';
import { feed } from '../run/live-feed.ts';
import { Segments } from '../ui/choice.tsx';
import { formatClockMs } from '../ui/figures.ts';
import { Icon } from '../ui/icon.tsx';
import { ScrollRegion } from '../ui/scroll-region.tsx';
import { LiveTable } from '../ui/live-table.tsx';
import { LiveText } from '../ui/live.tsx';

const SHOWN = 300;

/** What the runner says, newest first. */
export function LogPanel() {
  const [level, setLevel] = useState('info');
  const [search, setSearch] = useState('');
  const lines = () =>
    feed.log
      .filter(
        (line) =>
          (level === 'info' || line.level === 'error' || (level === 'warn' && line.level === 'warn')) &&
          (search === '' || `${line.node ?? ''} ${line.text}`.toLowerCase().includes(search.toLowerCase())),
      )
      .slice(0, SHOWN);
  return (
    <>
      <div className="toolbar">
        <div className="view-switch">
          <Segments
            value={level}
            label="Level"
            options={[
              { value: 'info', title: 'All' },
              { value: 'warn', title: 'Warnings' },
              { value: 'error', title: 'Errors' },
            ]}
            onChange={setLevel}
          />
        </div>
        <label className="field filter">
          <Icon name="search" size="s" />
          <input
            value={search}
            placeholder="Search the log"
            aria-label="Search the log"
            onChange={(event) => setSearch(event.target.value)}
          />
        </label>
      </div>
      <ScrollRegion label="Rows">
        <LiveTable
          label="Log"
          columns={[
            { name: 'Time', width: 120, mono: true, dim: true },
            { name: 'Level', width: 70 },
            { name: 'Node', width: 190, mono: true },
            { name: 'Message' },
          ]}
          subscribe={feed.on('log')}
          read={() =>
            lines().map((line) => ({ key: line.key, cells: [formatClockMs(line.at), line.level, line.node ?? '', line.text] }))
          }
        />
        <LiveText
          className="no-rows"
          subscribe={feed.on('log')}
          read={() =>
            lines().length > 0
              ? ''
              : feed.log.length > 0
                ? 'No message matches.'
                : 'No message yet. What the runner has to say stands here, from its start on.'
          }
        />
      </ScrollRegion>
    </>
  );
}

import { useState } from 'react';
import { Icon } from '../ui/icon.tsx';

export interface Offer {
  readonly name: string;
  readonly note: string;
  readonly sample?: string | undefined;
}

interface OfferInputProps {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly placeholder?: string;
  readonly wrong?: boolean;
  /** without a frame of its own: among chips */
  readonly bare?: boolean;
  readonly offers: readonly Offer[];
  /** Enter takes what was typed, until an arrow key has chosen an offer; else it takes the first offer */
  readonly free?: boolean;
  /** why there is nothing to offer */
  readonly said?: string;
  readonly onOpen?: () => void;
  readonly onChange: (value: string) => void;
  readonly onPick: (value: string) => void;
  readonly onEmptyBackspace?: () => void;
}

/** Text with what fits offered below it: by pointer, or with arrow keys and Enter; Escape closes the list. */
export function OfferInput({
  id,
  label,
  value,
  placeholder,
  wrong,
  bare,
  offers,
  free,
  said,
  onOpen,
  onChange,
  onPick,
  onEmptyBackspace,
}: OfferInputProps) {
  const first = free === true ? -1 : 0;
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(first);
  const [typed, setTyped] = useState(false);
  const needle = typed ? value.toLowerCase() : '';
  const found = offers.filter(({ name }) => name.toLowerCase().includes(needle)).slice(0, 40);
  const shown = open && (found.length > 0 || (said ?? '') !== '');
  const close = () => {
    setOpen(false);
    setTyped(false);
    setAt(first);
  };
  const pick = (name: string) => {
    if (bare === true || name !== value) onPick(name);
    close();
  };
  const step = (by: 1 | -1) => {
    if (!open) onOpen?.();
    setOpen(true);
    if (found.length > 0) setAt((old) => (old < 0 && by < 0 ? found.length - 1 : (old + by + found.length) % found.length));
  };
  const input = (
    <input
      id={id}
      className="mono"
      role="combobox"
      aria-expanded={shown}
      aria-controls={`${id}-list`}
      aria-activedescendant={shown && at >= 0 && at < found.length ? `${id}-list-${at}` : undefined}
      aria-autocomplete="list"
      aria-label={label}
      value={value}
      placeholder={placeholder}
      spellCheck={false}
      autoComplete="off"
      onFocus={() => {
        setOpen(true);
        onOpen?.();
      }}
      onBlur={() => {
        close();
        if (bare === true && value.trim() !== '') onPick(value);
      }}
      onChange={(event) => {
        onChange(event.target.value);
        setTyped(true);
        setOpen(true);
        setAt(first);
      }}
      onKeyDown={(event) => {
        if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
          event.preventDefault();
          step(event.key === 'ArrowDown' ? 1 : -1);
        } else if (event.key === 'Enter' && open) {
          event.preventDefault();
          pick(found[at]?.name ?? value);
        } else if (event.key === 'Escape' && shown) {
          close();
          event.stopPropagation();
        } else if (event.key === 'Backspace' && value === '') onEmptyBackspace?.();
      }}
    />
  );
  return (
    <div className={`field-input${bare === true ? ' bare' : ''}`}>
      {bare === true ? (
        input
      ) : (
        <div className={`field${wrong === true ? ' error' : ''}`}>
          {input}
          <Icon name="chevron-down" />
        </div>
      )}
      {shown && (
        <ul className="pop offers" id={`${id}-list`} role="listbox" aria-label={label}>
          {said !== undefined && said !== '' && <li className="cap">{said}</li>}
          {found.map((offer, index) => (
            <li
              key={offer.name}
              id={`${id}-list-${index}`}
              role="option"
              aria-selected={index === at}
              className={index === at ? 'on' : ''}
              // pressed, not clicked: the input keeps the focus, so that no blur comes first
              onPointerDown={(event) => {
                event.preventDefault();
                pick(offer.name);
              }}
            >
              <span className={`mono clip${offer.sample === undefined ? ' grow' : ''}`}>{offer.name}</span>
              <span className="cap">{offer.note}</span>
              {offer.sample !== undefined && <span className="cap sample clip">{offer.sample}</span>}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

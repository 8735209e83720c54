import { Select } from '@base-ui/react/select';
import { Switch } from '@base-ui/react/switch';
import { Icon } from './icon.tsx';

export interface Option {
  readonly value: string;
  readonly title: string;
}

/** A drop-down list. */
export function Choice({
  value,
  options,
  onChange,
  label,
  id,
}: {
  value: string;
  options: readonly Option[];
  onChange: (value: string) => void;
  label?: string;
  id?: string;
}) {
  const items = Object.fromEntries(options.map((option) => [option.value, option.title]));
  return (
    <Select.Root items={items} value={value} onValueChange={(next) => typeof next === 'string' && onChange(next)}>
      <Select.Trigger className="field choice-trigger" aria-label={label} id={id}>
        <span className="grow clip">
          <Select.Value />
        </span>
        <Icon name="chevron-down" />
      </Select.Trigger>
      <Select.Portal>
        <Select.Positioner className="positioner" sideOffset={4} alignItemWithTrigger={false}>
          <Select.Popup className="menu-popup select-popup">
            {options.map((option) => (
              <Select.Item key={option.value} value={option.value} className="menu-item">
                <Select.ItemText className="grow">{option.title}</Select.ItemText>
                <Select.ItemIndicator>
                  <Icon name="check" />
                </Select.ItemIndicator>
              </Select.Item>
            ))}
          </Select.Popup>
        </Select.Positioner>
      </Select.Portal>
    </Select.Root>
  );
}

/** Up to four options side by side. */
export function Segments({
  value,
  options,
  onChange,
  label,
}: {
  value: string;
  options: readonly Option[];
  onChange: (value: string) => void;
  label?: string;
}) {
  return (
    <div className="seg" role="radiogroup" aria-label={label}>
      {options.map((option, index) => (
        <button
          key={option.value}
          type="button"
          role="radio"
          aria-checked={option.value === value}
          tabIndex={option.value === value ? 0 : -1}
          className={option.value === value ? 'on' : ''}
          onClick={() => onChange(option.value)}
          onKeyDown={(event) => {
            const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
            if (step === 0) return;
            event.preventDefault();
            const next = (index + step + options.length) % options.length;
            onChange(options[next]!.value);
            (event.currentTarget.parentElement?.children[next] as HTMLElement | undefined)?.focus();
          }}
        >
          {option.title}
        </button>
      ))}
    </div>
  );
}

export function Toggle({
  value,
  onChange,
  label,
  id,
}: {
  value: boolean;
  onChange: (value: boolean) => void;
  label?: string;
  id?: string;
}) {
  return (
    <Switch.Root className="switch" checked={value} onCheckedChange={onChange} aria-label={label} id={id}>
      <Switch.Thumb className="switch-thumb" />
    </Switch.Root>
  );
}

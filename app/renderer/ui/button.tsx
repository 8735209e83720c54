import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';
import { Icon } from './icon.tsx';

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: 'plain' | 'quiet' | 'primary' | 'danger';
  small?: boolean;
  icon?: string;
  keys?: string;
  /** for a button that shows only its icon: its name, also as tooltip */
  label?: string;
  pressed?: boolean;
  ref?: Ref<HTMLButtonElement>;
  children?: ReactNode;
}

export function Button({ look = 'plain', small, icon, keys, label, pressed, children, className, ...rest }: ButtonProps) {
  const classes = [
    'btn',
    look === 'plain' ? '' : look,
    small ? 'small' : '',
    children === undefined ? 'icon' : '',
    pressed ? 'on' : '',
    className ?? '',
  ];
  return (
    <button
      type="button"
      className={classes.filter(Boolean).join(' ')}
      aria-label={label}
      title={label}
      aria-pressed={pressed}
      {...rest}
    >
      {icon !== undefined && <Icon name={icon} {...(small ? { size: 's' as const } : {})} />}
      {children !== undefined && <span>{children}</span>}
      {keys !== undefined && <span className="kbd wide">{keys}</span>}
    </button>
  );
}

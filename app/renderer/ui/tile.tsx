import { Icon } from './icon.tsx';

/** Icon of a kind on the tint of its family. */
export function Tile({ family, icon, small }: { family: string; icon: string; small?: boolean }) {
  return (
    <span className={`tile ${family}${small ? ' small' : ''}`}>
      <Icon name={icon} {...(small ? { size: 's' as const } : {})} />
    </span>
  );
}

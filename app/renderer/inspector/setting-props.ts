import type { ReactNode } from 'react';
import type { SettingSchema } from '../../protocol/catalog.ts';

export interface SettingProps {
  readonly schema: SettingSchema;
  readonly value: unknown;
  readonly path: string;
  readonly title: string;
  readonly id: string;
}

/** How a widget that holds others draws them: handed in, so that widgets do not know each other. */
export type DrawSetting = (props: SettingProps) => ReactNode;

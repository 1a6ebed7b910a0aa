import type { DeviceFacts } from './inspect.ts';

/** The paths of a unit as a person names them: sg nodes, and H:C:T:L where no sg driver is bound. */
export const nodesOf = ({ paths }: Pick<DeviceFacts, 'paths'>): string[] =>
  paths.map(({ sgNode, hctl }) => sgNode ?? hctl);

/** The path that is used. */
export const nodeOf = (unit: Pick<DeviceFacts, 'paths'>): string => nodesOf(unit)[0]!;

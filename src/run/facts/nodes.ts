import type { AttachedDevice } from '../../host/host.ts';

type Path = Pick<AttachedDevice, 'sgNode' | 'hctl'>;
interface WithPaths {
  readonly paths: readonly Path[];
}

/** The paths of a unit as a person names them: sg nodes, and H:C:T:L where no sg driver is bound. */
export const nodesOf = ({ paths }: WithPaths): string[] => paths.map(nodeOfPath);

/** One path: its sg node, or H:C:T:L. */
export const nodeOfPath = ({ sgNode, hctl }: Path): string => sgNode ?? hctl;

/** The path that is used. */
export const nodeOf = (unit: WithPaths): string => nodesOf(unit)[0]!;

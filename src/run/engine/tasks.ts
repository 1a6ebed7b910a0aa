import { Listr } from 'listr2';
import type { ListrRenderer, ListrTaskObject } from 'listr2';

/** One of the steps of a device, in order. A step that finds nothing to do returns at once. */
export interface Step {
  readonly title: string;
  readonly skip: () => boolean;
  readonly run: () => Promise<void>;
}

/** All steps of one device. `steps` is called when its turn comes: an empty list means that it is not begun. */
export interface DeviceTask {
  readonly title: string;
  readonly steps: () => readonly Step[];
}

export interface TaskGroup {
  readonly title: string;
  /** Asked when the groups before it are through. All of them are begun at once; each knows which of the others it waits for. */
  readonly tasks: () => Promise<readonly DeviceTask[]>;
}

/** Something that draws while the tasks run. What it draws comes from RunEvents, not from the task tree. */
export interface TaskScreen {
  start(): void;
  stop(): void;
}

/**
 * listr2's own renderers redraw every task at every event, which blocks the loop for seconds from some sixty devices
 * on, and late loops mean late answers. This one only tells our screen when the list begins and ends; it has no TTY
 * variant, so that listr2 never chooses another.
 */
class ScreenRenderer implements ListrRenderer {
  static readonly nonTTY = true;
  static rendererOptions: { screen: TaskScreen };
  static rendererTaskOptions: Record<string, never>;

  constructor(
    _tasks: ListrTaskObject<unknown, typeof ScreenRenderer, typeof ScreenRenderer>[],
    private readonly options: { screen: TaskScreen },
  ) {}

  render(): void {
    this.options.screen.start();
  }

  end(): void {
    this.options.screen.stop();
  }
}

/**
 * Runs groups one after the other, the devices of a group side by side, the steps of a device in order.
 *
 * Steps must not throw: failures are outcomes, and a bug is caught by the caller. listr2's retry and rollback are not
 * used, its signal listeners are off (they exit with 127 while a command is on the wire), and `exitOnError` is off (it
 * settles while siblings still write).
 */
export async function runTasks(groups: readonly TaskGroup[], screen: TaskScreen): Promise<void> {
  const inOrder = { concurrent: false, exitOnError: false } as const;
  const list = new Listr<undefined, typeof ScreenRenderer, typeof ScreenRenderer>(
    groups.map(({ title, tasks }) => ({
      title,
      task: async (_context, group) => {
        const devices = await tasks();
        return group.newListr(
          devices.map((device) => ({
            title: device.title,
            task: (_deviceContext, task) =>
              task.newListr(
                device
                  .steps()
                  .map((step) => ({ title: step.title, skip: step.skip, task: () => step.run() })),
                inOrder,
              ),
          })),
          { concurrent: Math.max(1, devices.length), exitOnError: false },
        );
      },
    })),
    {
      ...inOrder,
      registerSignalListeners: false,
      renderer: ScreenRenderer,
      rendererOptions: { screen },
      fallbackRenderer: ScreenRenderer,
      fallbackRendererOptions: { screen },
    },
  );
  await list.run();
}

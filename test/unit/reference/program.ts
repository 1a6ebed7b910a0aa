import { processIo } from '../../../src/cli/io.ts';
import { describeProgram } from '../../../src/cli/program/describe.ts';
import { buildProgram } from '../../../src/cli/program/tree.ts';

/** The commands as manual, reference and completion know them. */
export const program = describeProgram(
  buildProgram(processIo(), () => {
    throw new Error('no command runs in this test');
  }),
);

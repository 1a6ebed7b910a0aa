import * as assert from 'uvu/assert';
import { compare } from '../../../scripts/soak/packages/differences.ts';
import { READERS } from '../../../scripts/soak/packages/readers.ts';
import { testWith } from '../../support/programs.ts';
import { suite } from '../../support/suite.ts';

const test = suite('firmware/differences');

/** `npm run soak` does the same for as long as one likes, with another seed each time. */
const TRIED = 120;
const SEED = 20;

for (const reader of READERS) {
  testWith(test, ...reader.programs)(
    `${reader.name}: what is opened has the members and bytes that ${reader.programs[0]} gives`,
    async () => {
      const { tried, same, differences } = await compare(reader, SEED, (count) => count < TRIED);
      assert.equal(differences, []);
      assert.is(tried, TRIED);
      // Nothing would be shown if all were refused.
      assert.ok(same >= 3, `${same} were opened`);
    },
  );
}

test.run();

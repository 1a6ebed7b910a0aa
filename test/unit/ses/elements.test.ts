import * as assert from 'uvu/assert';
import type { AdditionalStatusDescriptor } from '../../../src/ses/additional-element-status.ts';
import { ElementType } from '../../../src/ses/element-type.ts';
import { emptyByPage0A, individualElements } from '../../../src/ses/elements.ts';
import { encodeSasElementStatus } from '../../../src/ses/sas-element-status.ts';
import { suite } from '../../support/suite.ts';

const test = suite('ses: elements of page 02h');

const type = (elementType: number, possibleElements: number, subenclosureId = 0) => ({
  elementType,
  possibleElements,
  subenclosureId,
  text: 'T',
});
const status = (...codes: number[]) => ({
  elements: codes.map((code) => ({
    code,
    predictedFailure: false,
    disabled: false,
    swapped: false,
    specific: new Uint8Array(3),
  })),
});

test('leave the overall ones out, and count on where a type has two headers', () => {
  const types = [type(2, 2), type(4, 1), type(2, 1), type(2, 1, 3)];
  const { elements, missing } = individualElements({ types }, status(9, 1, 2, 9, 3, 9, 4, 9, 5));
  assert.equal(
    elements.map(({ subenclosureId, elementType, index, code }) => [
      subenclosureId,
      elementType,
      index,
      code,
    ]),
    [
      [0, 2, 0, 1],
      [0, 2, 1, 2],
      [0, 4, 0, 3],
      [0, 2, 2, 4],
      [3, 2, 0, 5],
    ],
  );
  assert.is(missing, 0);
});

test('behind the end of the page are missing, and those before it are not', () => {
  const { elements, missing } = individualElements({ types: [type(2, 2), type(4, 2)] }, status(1, 1, 2, 1));
  assert.equal(
    elements.map(({ code }) => code),
    [1, 2],
  );
  assert.is(missing, 2);
});

test('are empty by page 0Ah where it says so, with overall elements counted or not', () => {
  const SLOT = ElementType.arrayDeviceSlot;
  const types = [type(ElementType.powerSupply, 2), type(SLOT, 3)];
  const slot = (
    index: number,
    includesOverall: number,
    fields: Partial<AdditionalStatusDescriptor> = {},
  ) => ({
    invalid: false,
    protocol: 6,
    element: { index, includesOverall },
    information: encodeSasElementStatus({ kind: 'slot', slot: 0, notAllPhys: false, phys: [] }, true),
    ...fields,
  });
  assert.equal([...emptyByPage0A({ types }, [slot(2, 0), slot(5, 1)])], [2, 3]);
  assert.equal([...emptyByPage0A({ types }, [slot(2, 0, { invalid: true })])], [2]);
  // Nobody knows which elements these are, or what they hold.
  assert.equal([...emptyByPage0A({ types }, [slot(2, 2), slot(9, 0), slot(3, 1)])], []);
  assert.equal([...emptyByPage0A({ types }, [slot(3, 0, { information: new Uint8Array(1) })])], []);
  assert.equal([...emptyByPage0A({ types }, [{ ...slot(3, 0), element: null }])], []);
});

test.run();

import type { ANSWERS } from '../../../src/base/refusals/answers.ts';
import type { Action, Moment } from '../../../src/device/sense-table.ts';

export type Actions = Action | Readonly<Record<Moment, Action>>;

export const at = (probe: Action, first: Action, during: Action, last: Action): Record<Moment, Action> => ({
  probe,
  first,
  during,
  last,
});
const RESET = at('send-again', 'send-again', 'restart', 'verify');
const CHANGED = at('recheck', 'recheck', 'stop', 'verify');
const EVENT_WANTED = at('stop', 'stop', 'stop', 'verify');
const FROZEN = at('stop', 'freeze', 'freeze', 'freeze');

/** Row by row: what can come up (key/ASC/ASCQ in hex), what is to be done at each moment, and the code where it is not that of the key. */
export const SENSE_ROWS: readonly (readonly [
  title: string,
  codes: string,
  expected: Actions,
  code?: keyof typeof ANSWERS,
])[] = [
  ['nothing to say is accepted', '0/00/00', 'accept'],
  ['an operation in progress is waited for', '0/00/16', 'accept-then-wait'],
  ['deferred microcode that waits is accepted', '0/00/22', 'accept'],
  ['a recovered error is accepted', '1/00/00 1/0C/00 1/18/00 1/3F/01', 'accept'],
  ['not ready, becoming ready: wait', '2/04/00 2/04/01', 'wait'],
  ['operation, self-test, start-stop in progress: wait', '2/04/07 2/04/09 2/04/1A', 'wait'],
  ['START UNIT wanted: stop', '2/04/02', 'stop'],
  ['manual intervention, offline: stop', '2/04/03 2/04/12', 'stop'],
  [
    'long operations: stop, and never reset',
    '2/04/04 2/04/05 2/04/06 2/04/08 2/04/14 2/04/1B 2/04/24',
    'stop',
  ],
  ['an ALUA transition is waited for', '2/04/0A', 'wait'],
  ['a drive that waits for its turn to spin up is waited for', '2/04/11', 'wait'],
  ['standby and unavailable paths: stop', '2/04/0B 2/04/0C', 'stop'],
  ['configuration in progress: wait', '2/04/1D', 'wait'],
  ['microcode activation required: stop, at the end ask the device', '2/04/1E', EVENT_WANTED],
  ['microcode download required: stop, at the end ask the device', '2/04/1F', EVENT_WANTED],
  ['reset or power cycle required: at the end ask the device', '2/04/20 2/04/21 2/04/22', EVENT_WANTED],
  ['other codes of 2/04: wait', '2/04/0D 2/04/25 2/04/F0', 'wait'],
  ['not self-configured yet: wait', '2/3E/00', 'wait'],
  ['logical unit failure: stop', '2/3E/01', 'stop'],
  ['medium error, write fault: stop', '3/00/00 3/03/00 3/0C/00 4/03/00', 'stop'],
  [
    'logical unit communication failure: unclear, with every key',
    '4/08/00 4/08/01 3/08/02 2/08/00 1/08/00',
    'unclear',
  ],
  ['self-test, component and power-on failures: stop', '4/3E/03 4/40/80 4/40/FF 4/42/00', 'stop'],
  [
    'an internal target failure freezes, once something was sent',
    '4/44/00 4/44/71',
    FROZEN,
    'internal-failure',
  ],
  ['flash failures of vendors: stop', '4/3F/80 4/3F/8F', 'stop'],
  ['other hardware errors: stop', '4/00/00 4/15/01 4/3F/90', 'stop'],
  ['unknown operation code: stop', '5/20/00', 'stop'],
  ['parameter list length error: stop', '5/1A/00', 'stop'],
  ['invalid field in CDB: stop', '5/24/00', 'stop'],
  ['invalid field in parameter list: stop', '5/26/00 5/26/01 5/26/02', 'stop'],
  ['an image that an expander refuses: stop', '5/26/98 5/26/99', 'stop', 'image-rejected'],
  ['command sequence error: stop', '5/2C/00', 'stop'],
  ['logical unit not supported: stop', '5/25/00', 'stop'],
  ['unsupported enclosure function: stop', '5/35/01', 'stop'],
  ['no resources: a few times more, later', '5/55/00 5/55/0B B/55/00 B/55/04', 'send-later'],
  [
    'a bad signature: stop, with every key',
    '5/74/08 5/74/00 1/74/08 6/74/08 B/74/08',
    'stop',
    'image-rejected',
  ],
  ['an image that a tape drive refuses: stop', 'B/26/00 B/26/98 B/0B/13', 'stop', 'image-rejected'],
  ['not-ready-to-ready change: send again', '6/28/00 6/28/01', 'send-again'],
  [
    'power on and resets: clear before, restart in the middle, ask at the end',
    '6/29/00 6/29/01 6/29/02 6/29/03 6/29/04 6/29/07',
    RESET,
  ],
  ['parameters, capacity, timestamp changed: send again', '6/2A/01 6/2A/09 6/2A/10', 'send-again'],
  ['commands cleared by another initiator: stop', '6/2F/00', 'stop'],
  ['operating conditions changed: send again', '6/3F/00', 'send-again'],
  ['microcode, definition, inquiry data, identifier changed', '6/3F/01 6/3F/02 6/3F/03 6/3F/05', CHANGED],
  ['reported LUNs changed: send again', '6/3F/0E', 'send-again'],
  ['microcode changed without reset', '6/3F/16', CHANGED],
  ['any other unit attention: send again', '6/00/00 6/5D/10 6/0B/01 6/5E/41', 'send-again'],
  ['write protected, security: stop', '7/27/00 7/20/02 7/00/00', 'stop'],
  [
    'an aborted command is unclear, whatever its code',
    'B/00/00 B/44/00 B/47/00 B/47/03 B/4B/00 B/4B/03 B/4E/00 B/2E/00 B/2E/01 B/08/01 B/35/00 B/35/02 B/35/04 B/67/02 B/5E/00',
    'unclear',
  ],
  ['enclosure services unavailable: again, later', '2/35/02 4/35/02 5/35/02', 'send-later'],
  ['a recovered enclosure services error was executed', '1/35/02', 'accept'],
  ['enclosure services transfer failure, checksum: unclear', '4/35/03 4/35/05 5/35/05 1/35/05', 'unclear'],
  ['enclosure services failure, refused: stop', '4/35/00 2/35/00 4/35/04', 'stop'],
  ['warnings with a recovered error are accepted', '1/0B/00 1/0B/01 1/0B/03', 'accept'],
  ['microcode security at risk is accepted with a recovered error', '1/0B/12', 'accept'],
  [
    'microcode signature validation failure: stop, with every key',
    '1/0B/13 4/0B/13 5/0B/13 6/0B/13 B/0B/13',
    'stop',
    'image-rejected',
  ],
  ['a failure prediction is accepted with a recovered error', '1/5D/00 1/5D/FF', 'accept'],
  ['a low power state: again, later', '2/5E/00 5/5E/41', 'send-later'],
  ['configuration failure, command rejected: stop', '4/67/00 5/67/02 2/67/03', 'stop'],
  ['the other sense keys: stop', '8/00/00 9/80/00 A/0D/00 C/00/00 D/00/00 E/1D/00 F/00/00', 'stop'],
];

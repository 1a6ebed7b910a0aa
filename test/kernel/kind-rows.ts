import * as assert from 'uvu/assert';
import { isActivation, isWrite, timesWritten } from './card-log.ts';
import type { CardCommand } from './card-log.ts';
import type { CardRow, RowEnd } from './card-rows.ts';
import { START_REVISION as START } from './cards.ts';
import { BOOT, IMAGE, NEW_REVISION, nodeOf, OTHER_REVISION, RENAMING, serialOf } from './kind-lab.ts';
import type { KindName } from './kind-lab.ts';

interface KindRow extends CardRow {
  readonly proves: (end: RowEnd) => void;
}

interface Report {
  readonly devices: readonly {
    readonly paths: readonly string[];
    readonly outcome: string;
    readonly chunks: number;
    readonly reason: string | null;
    readonly without?: readonly string[];
    readonly changed?: readonly { readonly what: string; readonly before: string; readonly after: string }[];
    readonly error: { readonly code: string } | null;
  }[];
}

const reportOf = ({ out }: RowEnd): Report => JSON.parse(out) as Report;
/** `/dev/sg1 refused in-use`, one for each unit. */
const endsOf = (end: RowEnd): string[] =>
  reportOf(end).devices.map(({ paths, outcome, error }) =>
    [paths.join(' '), outcome, ...(error === null ? [] : [error.code])].join(' '),
  );
const to = ({ commands }: RowEnd, name: KindName): readonly CardCommand[] =>
  commands.filter(({ unit }) => unit === serialOf(name));
const nothingWritten = ({ commands }: RowEnd): void => assert.equal(commands.filter(isWrite), []);
const apply = (playbook: string, options = ''): string =>
  `apply "$WORK/${playbook}.yml" --yes --format json${options}`;
const shown = (...names: KindName[]): string => names.map((name) => `revision ${nodeOf(name)}`).join('; ');
const sysfs = (name: KindName, attribute: string): string =>
  `read -r value </sys/class/scsi_generic/${nodeOf(name).slice(5)}/device/${attribute}; echo "$value"`;
const ready = (name: KindName): string => `ready ${nodeOf(name)}`;
/** What the same situation ends with for sg_write_buffer. */
const peer = (options: string, name: KindName, file = 'image'): string =>
  `sg_write_buffer ${options} -I "$WORK/${file}.bin" ${nodeOf(name)}; echo "exit $?"`;

/** As if the host had started again: another boot id, and the kernel finds the units again. What happens to their power is another matter. */
const boot = (id: string, ...names: readonly KindName[]): string => `
echo ${id} >/run/boot-${id}
mount --bind /run/boot-${id} /proc/sys/kernel/random/boot_id
for node in ${names.map((name) => nodeOf(name).slice(5)).join(' ')}; do
  place=$(hctl $node)
  echo 1 >/sys/bus/scsi/devices/$place/delete
  target=\${place#*:} target=\${target%:*}
  echo "\${target/:/ } -" >/sys/class/scsi_host/host\${place%%:*}/scan
  until [[ -e /sys/class/scsi_generic/$node ]]; do nap 0.05; done
done`;

/** Units of each kind, on real nodes; in this order. */
export const KIND_ROWS: readonly KindRow[] = [
  {
    name: 'odd-texts',
    words: apply('odd'),
    after: `${sysfs('odd', 'vendor')}; ${sysfs('odd', 'model')}; ${shown('odd')}`,
    proves: (end) => {
      assert.equal(endsOf(end), [`${nodeOf('odd')} updated`], end.err);
      assert.is(timesWritten(to(end, 'odd'), IMAGE), 1);
      // The kernel, which has not scanned it again, reads the same words.
      assert.equal(end.peer, ['HP', 'KIND ODD', NEW_REVISION]);
    },
  },
  {
    name: 'download-today',
    words: apply('download'),
    after: shown('staged', 'switched'),
    proves: (end) => {
      assert.is(end.exitCode, 6, end.err);
      for (const name of ['staged', 'switched'] as const) {
        assert.is(timesWritten(to(end, name), IMAGE), 1);
        assert.equal(to(end, name).filter(isActivation), []);
      }
      assert.equal(end.peer, [START, START]);
    },
  },
  {
    name: 'download-again',
    words: apply('download'),
    proves: (end) => {
      assert.is(end.exitCode, 6, end.err);
      nothingWritten(end);
    },
  },
  {
    name: 'window-plan',
    words: 'plan "$WORK/window.yml" --exit-code',
    proves: (end) => {
      assert.is(end.exitCode, 5, end.out);
      assert.match(end.out, /activates the image that run \S+ left waiting, and sends nothing/);
      nothingWritten(end);
    },
  },
  {
    name: 'booted',
    before: boot('1b4e28ba-2fa1-41d2-883f-0016d3cca427', 'staged', 'switched'),
    words: 'verify --format json',
    after: `read -r id </proc/sys/kernel/random/boot_id; echo $id; ${shown('staged', 'switched')}`,
    proves: (end) => {
      assert.is(end.exitCode, 6, end.err);
      const nodes = [nodeOf('staged'), nodeOf('switched')];
      assert.equal(
        endsOf(end),
        nodes.map((node) => `${node} pending event-pending`),
        'a boot of the host takes no power from a shelf',
      );
      nothingWritten(end);
      assert.equal(end.peer, ['1b4e28ba-2fa1-41d2-883f-0016d3cca427', START, START]);
    },
  },
  {
    name: 'booted-again',
    words: apply('download'),
    proves: (end) => {
      assert.is(end.exitCode, 6, end.err);
      nothingWritten(end);
    },
  },
  {
    name: 'window',
    words: apply('window', ` --only ${nodeOf('staged')}`),
    after: shown('staged', 'switched'),
    proves: (end) => {
      assert.equal(endsOf(end), [`${nodeOf('staged')} updated`], end.err);
      assert.is(reportOf(end).devices[0]!.chunks, 0);
      assert.equal(to(end, 'staged').filter(isWrite).length, 1, 'the activation');
      assert.is(to(end, 'staged').filter(isActivation).length, 1);
      assert.equal(end.peer, [NEW_REVISION, START]);
    },
  },
  {
    // Another tool has left an image on both; sg_write_buffer starts it, whatever it is.
    name: 'foreign',
    before: `${ready('foreign')}; ${ready('theirs')}
${peer('-m dmc_offs_defer -b 4096', 'foreign', 'other')}; ${peer('-m dmc_offs_defer -b 4096', 'theirs', 'other')}`,
    words: apply('foreign'),
    after: `sg_write_buffer -m activate_mc ${nodeOf('theirs')}; echo "exit $?"; nap 3; ${shown('foreign', 'theirs')}`,
    proves: (end) => {
      assert.equal(endsOf(end), [`${nodeOf('foreign')} refused foreign-image`], end.err);
      assert.equal(to(end, 'foreign').filter(isWrite), []);
      assert.equal(end.peer, ['exit 0', START, OTHER_REVISION]);
    },
  },
  {
    name: 'opened-elsewhere',
    words: apply('two'),
    script: `exec 9<>${nodeOf('second')}; runbook ${apply('two')}; code=$?; exec 9>&-; (exit $code)`,
    after: shown('first', 'second'),
    proves: (end) => {
      assert.is(end.exitCode, 4, end.err);
      assert.ok(
        endsOf(end).some((text) => text === `${nodeOf('first')} refused in-use`),
        end.out,
      );
      nothingWritten(end);
      assert.equal(end.peer, [START, START]);
    },
  },
  {
    name: 'two-actuators',
    words: apply('two'),
    after: `hctl ${nodeOf('first').slice(5)}; hctl ${nodeOf('second').slice(5)}; ${shown('first', 'second')}`,
    proves: (end) => {
      assert.equal(endsOf(end), [`${nodeOf('first')} updated`, `${nodeOf('second')} current`], end.err);
      // Both have one serial number: written once, over one of them.
      assert.is(timesWritten(to(end, 'first'), IMAGE), 1);
      const [one, other, ...revisions] = end.peer;
      assert.is(one!.replace(/:0$/, ':1'), other, 'logical units of one target');
      assert.equal(revisions, [NEW_REVISION, NEW_REVISION]);
    },
  },
  {
    name: 'bridge',
    words: apply('bridge'),
    after: `hctl ${nodeOf('drive1').slice(5)}; hctl ${nodeOf('drive2').slice(5)}`,
    proves: (end) => {
      assert.equal(endsOf(end), [`${nodeOf('drive1')} updated`, `${nodeOf('drive2')} updated`], end.err);
      const [one, other] = end.peer;
      assert.is(one!.replace(/:0$/, ':1'), other, 'logical units of one target');
      const writes = (name: KindName): number[] =>
        to(end, name)
          .filter(isWrite)
          .map(({ atMs }) => atMs);
      assert.is(timesWritten(to(end, 'drive1'), IMAGE), 1);
      assert.is(timesWritten(to(end, 'drive2'), IMAGE), 1);
      assert.ok(Math.max(...writes('drive1')) < Math.min(...writes('drive2')), 'one after the other');
    },
  },
  {
    name: 'page-unreadable',
    words: apply('mute'),
    after: shown('mute'),
    proves: (end) => {
      assert.equal(endsOf(end), [`${nodeOf('mute')} refused fact-unreadable`], end.err);
      nothingWritten(end);
      assert.equal(end.peer, [START]);
    },
  },
  {
    name: 'proceed-without',
    words: apply('mute-accepted'),
    after: shown('mute'),
    proves: (end) => {
      assert.equal(endsOf(end), [`${nodeOf('mute')} updated`], end.err);
      assert.equal(reportOf(end).devices[0]!.without, ['ses-02h']);
      assert.ok(to(end, 'mute').filter(isWrite).length > 1);
      assert.equal(end.peer, [NEW_REVISION]);
    },
  },
  {
    name: 'renamed',
    words: apply('renamed'),
    proves: (end) => {
      assert.is(end.exitCode, 1, end.err);
      const [unit] = reportOf(end).devices;
      assert.is(unit!.outcome, 'degraded');
      assert.equal(unit!.changed, [
        { what: 'vendor', before: 'HP', after: 'HPE' },
        { what: 'product', before: 'KIND OLD', after: 'KIND NEW' },
        { what: 'serial-number', before: 'RENAMED', after: 'NEWNAME' },
      ]);
      assert.is(timesWritten(to(end, 'renamed'), RENAMING), 1);
    },
  },
  {
    // No play selects what it shows now; its bad end is told nevertheless.
    name: 'renamed-again',
    words: apply('renamed'),
    after: sysfs('renamed', 'model'),
    proves: (end) => {
      assert.equal(endsOf(end), [`${nodeOf('renamed')} degraded renamed`], end.err);
      nothingWritten(end);
      // The kernel has not scanned it again.
      assert.equal(end.peer, ['KIND OLD']);
    },
  },
  {
    name: 'announced',
    before: 'udev & echo $! >/run/udev.pid',
    // The unit before it shows the same names now, and is degraded.
    words: apply('announced', ` --only ${nodeOf('announced')}`),
    after: `kill $(</run/udev.pid); ${sysfs('announced', 'vendor')}; ${sysfs('announced', 'model')}; ${shown('announced')}`,
    proves: (end) => {
      assert.is(end.exitCode, 0, end.out + end.err);
      // The kernel has scanned it again.
      assert.equal(end.peer, ['HPE', 'KIND NEW', NEW_REVISION]);
    },
  },
  {
    name: 'witness-of-each',
    before: 'udev & echo $! >/run/udev.pid',
    words: apply('proven'),
    after: `kill $(</run/udev.pid); ${sysfs('proven1', 'rev')}; ${sysfs('proven2', 'rev')}`,
    proves: (end) => {
      assert.equal(endsOf(end), [`${nodeOf('proven1')} updated`, `${nodeOf('proven2')} updated`], end.out);
      assert.equal(end.peer, [NEW_REVISION, NEW_REVISION]);
    },
  },
  {
    name: 'witness-differs',
    words: apply('doubt'),
    after: shown('unproven'),
    proves: (end) => {
      assert.equal(endsOf(end), [`${nodeOf('unproven')} degraded witness-differs`], end.err);
      assert.equal(end.peer, [NEW_REVISION]);
    },
  },
  {
    name: 'unproven',
    words: apply('buffers'),
    after: shown('buffers'),
    proves: (end) => {
      assert.equal(endsOf(end), [`${nodeOf('buffers')} updated`], end.out);
      assert.match(reportOf(end).devices[0]!.reason!, /nothing shows whether .* runs \(unproven: accepted\)/);
      for (const [id, image] of [
        ['00', IMAGE],
        ['01', BOOT],
      ] as const) {
        const ofBuffer = to(end, 'buffers').filter(({ cdb }) => cdb.slice(4, 6) === id);
        assert.is(timesWritten(ofBuffer, image), 1, `buffer ${id}`);
      }
      assert.equal(end.peer, [NEW_REVISION]);
    },
  },
  {
    // Unreadable is not "nothing waits".
    name: 'sense-unreadable',
    words: apply('senseless'),
    after: shown('senseless'),
    proves: (end) => {
      assert.equal(endsOf(end), [`${nodeOf('senseless')} refused fact-unreadable`], end.err);
      nothingWritten(end);
      assert.equal(end.peer, [START]);
    },
  },
  {
    name: 'sense-without',
    words: apply('senseless-accepted'),
    after: shown('senseless'),
    proves: (end) => {
      assert.equal(endsOf(end), [`${nodeOf('senseless')} unverified sense-unreadable`], end.out);
      assert.is(end.exitCode, 12);
      assert.is(timesWritten(to(end, 'senseless'), IMAGE), 1);
      assert.equal(end.peer, [NEW_REVISION]);
    },
  },
  {
    name: 'frozen',
    words: apply('ice', ` --only ${nodeOf('frozen')}`),
    proves: (end) => {
      assert.equal(endsOf(end), [`${nodeOf('frozen')} frozen unit-frozen`], end.err);
      assert.is(end.exitCode, 9);
    },
  },
  {
    // A reset of its target would reach the frozen one.
    name: 'partner-frozen',
    words: apply('ice', ` --only ${nodeOf('beside')}`),
    after: `hctl ${nodeOf('frozen').slice(5)}; hctl ${nodeOf('beside').slice(5)}; ${shown('beside')}`,
    proves: (end) => {
      assert.equal(endsOf(end), [`${nodeOf('beside')} refused partner-frozen`], end.err);
      nothingWritten(end);
      const [one, other, revision] = end.peer;
      assert.is(one!.replace(/:0$/, ':1'), other, 'logical units of one target');
      assert.is(revision, START);
    },
  },
  {
    name: 'frozen-again',
    words: apply('ice'),
    proves: (end) => {
      assert.is(end.exitCode, 9, end.out);
      assert.ok(endsOf(end).includes(`${nodeOf('frozen')} frozen frozen`), end.out);
      nothingWritten(end);
    },
  },
  {
    name: 'half-failed',
    words: apply('half', ` --only ${nodeOf('half1')}`),
    proves: (end) => {
      assert.is(end.exitCode, 1, end.out);
      assert.is(reportOf(end).devices[0]!.outcome, 'failed');
    },
  },
  {
    // The same image for the same microcode, through the other actuator.
    name: 'shared-memory',
    words: apply('half', ` --only ${nodeOf('half2')}`),
    after: `runbook status ${nodeOf('half2')}; ${shown('half1', 'half2')}`,
    proves: (end) => {
      assert.equal(endsOf(end), [`${nodeOf('half2')} failed ended-badly`], end.err);
      assert.match(reportOf(end).devices[0]!.reason!, /which shares its microcode/);
      nothingWritten(end);
      assert.ok(
        end.peer.some((line) => line.includes('which shares its microcode')),
        end.peer.join('\n'),
      );
      assert.equal(end.peer.slice(-2), [START, START]);
    },
  },
  {
    name: 'shared-retry',
    words: apply('half', ` --retry --only ${nodeOf('half2')}`),
    after: shown('half1', 'half2'),
    proves: (end) => {
      assert.equal(endsOf(end), [`${nodeOf('half2')} updated`], end.err);
      assert.is(timesWritten(to(end, 'half2'), IMAGE), 1);
      assert.equal(end.peer, [NEW_REVISION, NEW_REVISION]);
    },
  },
  {
    name: 'page-of-an-error',
    before: ready('page'),
    words: apply('page'),
    after: peer('-m dmc_offs_save -b 4096', 'page', 'page'),
    proves: (end) => {
      assert.is(end.exitCode, 3, end.out);
      // The one command is of sg_write_buffer, which sends the page of an error; this card knows better.
      assert.equal(end.peer, ['exit 5']);
      assert.is(to(end, 'page').filter(isWrite).length, 1);
    },
  },
  {
    name: 'not-saved',
    before: ready('unsaved'),
    words: apply('unsaved'),
    after: `${peer('-m dmc_offs -b 16k', 'unsaved')}; ${shown('unsaved')}`,
    proves: (end) => {
      assert.is(end.exitCode, 3, end.out);
      assert.match(end.out, /not-saved/);
      assert.equal(end.peer, ['exit 0', NEW_REVISION]);
    },
  },
  {
    // What sg_write_buffer called a success is gone.
    name: 'power-cycle',
    before: `kill -USR2 $(</run/cards.pid); until [[ $(${shown('switched')}) == ${NEW_REVISION} ]]; do nap 0.2; done
${boot('3d813cbb-47fb-42ba-91df-831e1593ac29', 'switched')}`,
    words: `verify --format json --only ${nodeOf('switched')}`,
    after: shown('switched', 'unsaved'),
    proves: (end) => {
      assert.equal(endsOf(end), [`${nodeOf('switched')} updated`], end.err);
      nothingWritten(end);
      assert.equal(end.peer, [NEW_REVISION, START]);
    },
  },
];

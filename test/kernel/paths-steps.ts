import { SIX_CARDS_FIVE_NAMES } from './cards.ts';
import { insmodAgain } from './rig.ts';
import type { GuestStep } from './rig.ts';

/**
 * Two cards that each hang on two hosts; then, with the module loaded again, six cards of which two have one name. Made
 * when they run: where there is no guest's kernel, nothing can be asked about its modules.
 */
export const pathsSteps = (): readonly GuestStep[] => [
  { name: 'plan', script: 'runbook plan "$WORK/cards.yml" --format json' },
  {
    // The first run stands still after its first chunks, whatever the speed of the machine, while others look.
    name: 'apply',
    script: `
node "$WORK/program/runbook.cjs" apply "$WORK/cards.yml" --yes --format json --trace "$WORK/cards.trace" &
run=$!
when_traced "$WORK/cards.trace" '"cdb":"3b0e' 2 kill -STOP $run
for node in 0 3; do
  runbook status /dev/sg$node --format json >"$WORK/status$node"; echo $? >>"$WORK/codes"
done
apply_playbook cards second --only /dev/sg2 >"$WORK/second"; echo $? >>"$WORK/codes"
when_traced "$WORK/cards.trace" '"cdb":"3b0f' 2 set_revision 2.10 &
watcher=$!
kill -CONT $run
wait $run
code=$?
kill $watcher 2>/dev/null
exit $code`,
  },
  { name: 'apply-after', script: 'read_all; runbook status /dev/sg3 >/dev/null; echo "exit $?"' },
  { name: 'contract', script: 'node "$WORK/contract.cjs" /dev/sg0' },
  {
    // With the activation the second path of the unit dies, and sysfs shows it as before.
    name: 'dies',
    script: `
set_revision 2.08
second_path() { echo "$1" >/sys/class/scsi_generic/sg2/device/state; }
activated() { second_path offline; set_revision 2.10; }
export RUNBOOK_STATE_DIR="$WORK/state-dies"
when_traced "$WORK/dies.trace" '"cdb":"3b0f' 1 activated &
apply_playbook dies dies --only /dev/sg0 >"$WORK/dies"; echo $? >>"$WORK/codes-dies"
for state in offline running; do
  second_path $state
  runbook verify --format json >"$WORK/verify-$state"; echo $? >>"$WORK/codes-dies"
done`,
  },
  {
    name: 'six',
    script: `rmmod scsi_debug && rm -f /dev/sg? && ${insmodAgain(SIX_CARDS_FIVE_NAMES)}
until [[ -e /sys/class/scsi_generic/sg5 ]]; do nap 0.05; done
make_nodes
lsscsi -g`,
  },
  { name: 'trap', script: 'apply_playbook six trap' },
];

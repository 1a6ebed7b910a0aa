import type { GuestStep } from './rig.ts';

/** Functions for starting the built program in the guest as a user would. Playbooks, images and traces lie in $WORK. */
export const PROGRAM_LIBRARY = `
export RUNBOOK_STATE_DIR="$WORK/state" NO_COLOR=1
runbook() { node "$WORK/program/runbook.cjs" "$@"; }
# apply_playbook PLAYBOOK TRACE [OPTION…]
apply_playbook() {
  local playbook=$1 trace=$2
  shift 2
  runbook apply "$WORK/$playbook.yml" --yes --format json --trace "$WORK/$trace.trace" "$@"
}

# when_traced FILE PATTERN COUNT COMMAND…: runs the command when the trace has COUNT lines with the pattern. No process
# is started while it waits: four cards are served by one processor here.
when_traced() {
  local file=$1 pattern=$2 count=$3 line='' piece seen=0
  shift 3
  until [[ -e $file ]]; do nap 0.1; done
  exec {trace_fd}<"$file"
  while ((seen < count)); do
    if IFS= read -r piece <&"$trace_fd"; then
      line+=$piece
      [[ $line == *"$pattern"* ]] && seen=$((seen + 1))
      line=''
    else
      line+=$piece # the writer is in the middle of a line, or has not gone on
      nap 0.02
    fi
  done
  "$@"
}

# until_lost TRACE FUNCTION: again when no command was lost, because on a busy machine the watcher came too late.
until_lost() {
  local trace="$WORK/$1.trace" attempt code
  for attempt in 1 2 3; do
    rm -rf "$trace" "$RUNBOOK_STATE_DIR"
    "$2" >"$WORK/$1.answer"
    code=$?
    grep -q '"host":3' "$trace" && break
  done
  cat "$WORK/$1.answer"
  return $code
}

read_all() { for node in /dev/sg[0-3]; do sg_inq "$node"; done; }
`;

/**
 * Two WRITE BUFFERs: one that is done at once, and one that takes 4 s, in a process that is stopped in the middle of it for longer
 * than that. Prints the outcome and how many the card got; scsi_debug writes every command to the kernel's log.
 */
const stopped = (how: 'guarded' | 'bare'): string => `
count_writes() { dmesg | grep -c ' cmd 3b '; }
echo 1 >/sys/bus/pseudo/drivers/scsi_debug/opts
dmesg -C
node "$WORK/stopped.cjs" /dev/sg0 ${how} &
until (($(count_writes) > 1)); do nap 0.2; done
kill -STOP $!
nap 5
kill -CONT $!
wait $!
count_writes
echo 0 >/sys/bus/pseudo/drivers/scsi_debug/delay
echo 0 >/sys/bus/pseudo/drivers/scsi_debug/opts`;

/** In this order: until 'upgrade' nothing may take away the unit attention that every card has since it was attached. */
export const UPGRADE_STEPS: readonly GuestStep[] = [
  { name: 'lsscsi', script: 'lsscsi -g' },
  { name: 'devices', script: 'runbook devices --format json' },
  { name: 'no-match', script: 'apply_playbook no-match no-match' },
  { name: 'wrong-hash', script: 'apply_playbook wrong-hash wrong-hash' },
  { name: 'wrong-start', script: 'apply_playbook wrong-start wrong-start' },
  {
    // All cards show one revision, so it may change only after the last of them was told to activate.
    name: 'upgrade',
    script: `
when_traced "$WORK/upgrade.trace" '"cdb":"3b0f' 4 set_revision 2.10 &
watcher=$!
apply_playbook upgrade upgrade
code=$?
kill $watcher 2>/dev/null
exit $code`,
  },
  { name: 'upgrade-after', script: 'read_all' },
  { name: 'again', script: 'apply_playbook upgrade again' },
  { name: 'unverified', script: 'set_revision 2.08; apply_playbook unverified unverified' },
  { name: 'unverified-after', script: 'read_all' },
  {
    // One chunk of one card is lost on the way; from then on all goes well.
    name: 'lost-chunk',
    script: `
lose_one() {
  when_traced "$1" '"cdb":"3b0e' 1 drop_every 500
  when_traced "$1" '"host":3' 1 drop_every 0
}
lost_chunk() {
  lose_one "$WORK/lost-chunk.trace" &
  watchers=$!
  when_traced "$WORK/lost-chunk.trace" '"cdb":"3b0f' 1 set_revision 2.10 &
  watchers+=" $!"
  apply_playbook lost-chunk lost-chunk --only /dev/sg0
  code=$?
  kill $watchers 2>/dev/null
  set_revision 2.08
  drop_every 0
  return $code
}
until_lost lost-chunk lost_chunk`,
  },
  {
    // From the first chunk on: what gets lost while the devices are looked at only refuses the run.
    name: 'dropped',
    script: `
dropped() {
  when_traced "$WORK/dropped.trace" '"cdb":"3b0e' 1 drop_every 300 &
  watcher=$!
  apply_playbook dropped dropped
  code=$?
  kill $watcher 2>/dev/null
  drop_every 0
  return $code
}
until_lost dropped dropped`,
  },
  { name: 'dropped-after', script: 'read_all' },
  {
    // A second run on a card that has 30 ms for each chunk of the first one. Another state directory: the lock is the same.
    name: 'held',
    script: `
echo 3 >/sys/bus/pseudo/drivers/scsi_debug/delay
RUNBOOK_STATE_DIR="$WORK/state-first" apply_playbook unverified first >"$WORK/first.answer" &
first=$!
when_traced "$WORK/first.trace" '"cdb":"3b0e' 4 true
RUNBOOK_STATE_DIR="$WORK/state-second" apply_playbook upgrade held --only /dev/sg0
code=$?
wait $first
echo 0 >/sys/bus/pseudo/drivers/scsi_debug/delay
exit $code`,
  },
  { name: 'stopped', script: stopped('guarded') },
  { name: 'stopped-bare', script: stopped('bare') },
];

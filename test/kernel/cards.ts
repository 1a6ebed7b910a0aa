import type { Guest } from './rig.ts';

/** Shown by all cards when the guest has come up. */
export const START_REVISION = '2.08';

/**
 * scsi_debug as HP SAS expander cards. Values with spaces need quotes inside the word. The vendor is not padded: a NUL and the last
 * letters of scsi_debug's own stand behind it, as on devices whose firmware is no better, and `HP` is what everybody reads.
 */
const cards = (...parameters: string[]): Guest['modules'][number] => [
  'scsi_debug',
  'ptype=13', // 0Dh, enclosure services
  'inq_vendor=HP',
  'inq_product="HP SAS EXP Card"',
  `inq_rev=${START_REVISION}`,
  'add_host=2',
  'delay=0', // then dropped commands are the only fault that it injects
  ...parameters,
];

/** On two hosts, two each. */
export const FOUR_CARDS: Guest['modules'] = [['sg'], cards('num_tgts=2')];

/** Two cards, each on both hosts: sg0 and sg2 are one logical unit, sg1 and sg3 the other. */
export const TWO_CARDS_TWICE: Guest['modules'] = [['sg'], cards('num_tgts=2', 'vpd_use_hostno=0')];

/**
 * Six cards, of which sg2 and sg3 have one designator and one serial number: scsi_debug makes both from the numbers of
 * host and target, and these two have the same sum.
 */
export const SIX_CARDS_FIVE_NAMES = cards('num_tgts=3');

/** The INQUIRY revision of all cards at once: scsi_debug has one value. A newline would make it too long. */
export const CARD_LIBRARY = `
set_revision() { printf %s "$1" >/sys/module/scsi_debug/parameters/inq_rev; }

# Every Nth command gets no answer and runs into its time-out; 0: none. The counter starts again.
drop_every() {
  local options=0
  (($1 > 0)) && options=4
  echo "$options" >/sys/bus/pseudo/drivers/scsi_debug/opts
  echo "$1" >/sys/bus/pseudo/drivers/scsi_debug/every_nth
}
`;

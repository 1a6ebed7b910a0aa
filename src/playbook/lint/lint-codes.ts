/** What `lint` warns of, beyond what makes a playbook wrong. docs/lint.md has a section for each, with this text. */
export const LINT_CODES = {
  // The files themselves
  'others-can-write': 'Another user can change the playbook, an image or a program, and root obeys it.',
  'hidden-character': 'A character that cannot be seen: the text may read otherwise than it is.',

  // Which devices
  'wild-match':
    'A vendor with a wildcard, or a product that is little more than one: other devices match too.',
  'place-as-identity': 'match.identity names a node or a place: another unit may have it tomorrow.',
  'open-expect': 'Any number of units is accepted: a missing unit, or one too many, goes unnoticed.',
  'no-why': 'The playbook does not say why the work is done.',

  // How the image goes
  'unpinned-image': 'A section sends its own image without a hash.',
  'doubtful-image': 'The image looks like something else than firmware, or like hardly anything.',
  'self-activating': 'The mode activates by itself: the device restarts as soon as it has the last chunk.',
  'large-bpw': 'Chunks above 32 KiB: the sizes known to work are 4 to 32 KiB.',
  'whole-image': 'More than 64 KiB in one command: enclosures have locked up on that.',
  'short-timeout':
    'Less than 60 s for a command: some cards erase their flash for 40 s before they answer the first chunk.',
  'blind-download': 'The status page is not read, so an error shows only at the end.',
  'not-saved-accepted': 'The image is not saved: the unit loses it at its next power cycle.',
  'unproven-accepted': 'Nothing shows afterwards whether one of several sections runs.',
  manufacturing: 'Manufacturing data is overwritten, with the serial number and the addresses in it.',

  // What comes after
  'never-activated': 'The download is deferred, but nothing activates it.',
  'no-wait-ready': 'Nothing waits for the device after activate_mc.',
  'paths-ignored': 'Nothing checks that what was behind the unit is reachable again.',

  // Many units, and the people who use them
  'outage-accepted': 'Units are restarted even if that takes the last path of a drive.',
  'in-use-accepted': 'Units are upgraded while their disks are mounted or in use.',
  'raid-adapter-accepted': 'Units behind a RAID adapter are upgraded, whatever it does to the commands.',
  'facts-given-up': 'A page that cannot be read does not stop the run, and its guard is left out.',
  'refusals-skipped': 'A unit that is refused does not stop the others.',
  'failures-allowed': 'The run goes on after a failure.',
  'no-canary': 'More than eight units at once, and no canary.',
} as const;

export type LintCode = keyof typeof LINT_CODES;

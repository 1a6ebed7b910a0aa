/** Every code that a diagnostic can carry, and what it means. The reference in docs/ is made from this table. */
export const DIAGNOSTIC_CODES = {
  // The file itself
  'no-file': 'The playbook or lab file is not there, or cannot be read.',
  'too-large': 'The file is larger than a playbook can sensibly be.',
  encoding: 'The file is not UTF-8 text.',
  empty: 'The file holds nothing but comments.',
  'other-file': 'A lab file where a playbook is wanted, or a playbook where a lab file is.',
  yaml: 'The text is not YAML.',
  tab: 'YAML allows no tab characters in indentation.',
  nul: 'The text holds a NUL byte.',
  'several-documents': 'More than one YAML document in a file (`---`).',
  alias: 'A `*name` that stands for nothing, for itself, or for too much.',
  'duplicate-key': 'A key occurs twice in one mapping.',

  // The language
  'unknown-key': 'A key that the language does not have.',
  'missing-key': 'A key that must be there.',
  type: 'A value of another kind than wanted: a list for a text, a text for a number.',
  quote: 'A number, true, false or null where text is wanted: YAML changes 2.10 to 2.1 unless it is quoted.',
  word: 'None of the words that the key takes.',
  'mode-number': 'A mode given as a number; modes have names.',
  format: 'A text that does not have the form that the key wants.',
  size: 'Not a size: 4096, 0x1000, 4k, 4KiB, 1MiB.',
  duration: 'Not a time with its unit: 500ms, 300s, 2m, 1h; or a time that is too long or too short.',
  range: 'A number outside of its limits.',
  count: 'A list that is empty or repeats itself.',
  version: 'A version of the language that this program does not know.',

  // What a careful operator would ask
  expect: 'A range of expected units that nothing can meet.',
  'inquiry-field':
    'A text that no device can show: INQUIRY has 8, 16 and 4 ASCII characters for vendor, product and revision.',
  wildcard: 'A `*` where it is no wildcard.',
  'any-revision': 'Every start revision is taken: the guard against the wrong device is off.',
  'target-listed': 'The target revision is listed among the revisions to start from.',
  'target-conflict': 'Two targets: verify.revision says one thing, firmware.revision another.',
  witness: 'A second proof that is missing or not complete.',
  proof: 'A proof that does not say exactly one place to look at.',
  'play-name': 'Two plays of one name, or `after` a play that does not come earlier.',
  after: 'A play that could never begin after the one that it names, or that an earlier one would undo.',
  bpw: 'Bytes per write that do not go with the mode.',
  'ses-page': 'A chunk that does not fit a diagnostic page, or is no multiple of 4.',
  'transfer-limit': 'An offset or a length that does not fit its 24-bit field.',
  'buffer-id': 'A buffer id that would exceed 255.',
  'no-effect': 'A key that does nothing beside the others.',
  otherwise: 'A fallback that is none.',
  activation: 'Activation steps that cannot work with the download.',
  'last-step': 'A step after power-cycle or reboot, which end a run.',
  'nothing-to-do': 'A play that neither sends nor activates anything.',
  acknowledge: 'Manufacturing data would be overwritten, and nobody said that it may.',
  'remote-file': 'A URL where a path is wanted; nothing is fetched.',

  // Other files
  'plan-file': 'A plan file that is damaged, was changed, or is none.',
  inventory: 'A recorded host that is damaged, incomplete, or of another version.',

  // The image
  'image-missing': 'There is no image of that name.',
  'image-unreadable': 'The image may not be read.',
  'image-directory': 'A directory where the image should be.',
  'image-kind': 'A device node or socket where the image should be.',
  'image-empty': 'The image has no bytes.',
  'image-changed': 'The image changed while it was read.',
  'image-hash': 'The image is another one than the playbook pins.',
  'image-too-large': 'The image is larger than any download can carry.',
  'image-html': 'A web page was saved instead of the firmware.',
  'image-package': 'A package where the image itself is wanted, or one that is not opened.',
  'image-member': 'There is no such member in the package, or it is no plain file.',
  'image-strip': 'A header that is not known, not there, or as large as the image.',
  'image-damaged': 'The package is damaged or cut off.',
  'image-limit': 'The package unpacks to more than any firmware: too large, too many members, too deep.',
  'image-unsafe': 'The package holds what no vendor packs: a path that leads out of it, a link in a .scexe.',
  'image-cut': 'A skip, length or fill that does not fit the image.',
} as const;

export type DiagnosticCode = keyof typeof DIAGNOSTIC_CODES;

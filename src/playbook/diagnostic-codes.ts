/** Every code that a diagnostic can carry, and what it means. The reference in docs/ is made from this table. */
export const DIAGNOSTIC_CODES = {
  // The file itself
  'no-file': 'The playbook or lab file is not there, or cannot be read.',
  'too-large': 'The file is larger than a playbook can sensibly be.',
  encoding: 'The file is not UTF-8 text.',
  empty: 'The file contains nothing but comments.',
  'other-file': 'A lab file where a playbook is needed, or a playbook where a lab file is needed.',
  yaml: 'The text is not YAML.',
  tab: 'YAML allows no tab characters in indentation.',
  nul: 'The text contains a NUL byte, or the escape of one (`"\\0"`): no name, path or argument can hold it.',
  'merge-key': 'A merge key (`<<`): YAML 1.2 has none, so the keys of the other mapping are not taken in.',
  'typographic-quotes': 'Quotation marks of a word processor: to YAML they are part of the text.',
  'several-documents': 'More than one YAML document in a file (`---`).',
  alias: 'An alias (`*name`) that refers to nothing or to itself, or that expands to too much.',
  'duplicate-key': 'A key occurs twice in one mapping.',

  // The language
  'unknown-key': 'A key that the language does not have.',
  'missing-key': 'A required key is missing.',
  type: 'A value of the wrong kind: a list instead of text, text instead of a number.',
  quote: 'A number, true, false or null where text is needed: without quotes, YAML reads 2.10 as 2.1.',
  word: 'A word that the key does not accept.',
  'mode-number': 'A mode given as a number; modes have names.',
  format: 'Text that does not have the form that the key needs.',
  size: 'Not a size: 4096, 0x1000, 4k, 4KiB, 1MiB.',
  duration: 'Not a time with its unit: 500ms, 300s, 2m, 1h; or a time that is too long or too short.',
  range: 'A number outside of its limits.',
  count: 'A list that is empty or repeats itself.',
  version: 'A version of the language that this program does not know.',

  // What a careful operator would ask
  expect: 'A range of expected units that no host can meet.',
  'inquiry-field':
    'Text that no device can show: INQUIRY has 8, 16 and 4 ASCII characters for vendor, product and revision.',
  wildcard: 'A `*` where it is not a wildcard.',
  'any-revision': 'Every start revision is accepted: the guard against the wrong device is off.',
  'target-listed': 'The target revision is listed among the revisions to start from.',
  'target-conflict': 'Two targets: verify.revision says one thing, firmware.revision another.',
  witness: 'A second proof that is missing or incomplete.',
  proof: 'A proof that does not name exactly one place to look.',
  'play-name': 'Two plays with the same name, or `after` with a play that is not earlier in the file.',
  after: 'A play that can never start after the play that it names, or that would undo that play.',
  bpw: 'A `bpw` that does not fit the mode.',
  'ses-page': 'A chunk that does not fit in a diagnostic page, or is not a multiple of 4.',
  'transfer-limit': 'An offset or a length that does not fit its 24-bit field.',
  'buffer-id': 'A buffer id that would exceed 255.',
  'no-effect': 'A key that has no effect together with the other keys.',
  otherwise: 'A fallback that cannot work.',
  activation: 'Activation steps that cannot work with the download.',
  'last-step': 'A step after power-cycle or reboot, which end a run.',
  'nothing-to-do': 'A play that neither sends nor activates anything.',
  acknowledge: 'Manufacturing data would be overwritten, and the playbook does not acknowledge it.',
  'not-saved':
    'No command saves the image: the unit loses it at its next power cycle, and the playbook does not accept that.',
  unproven:
    'One of several sections of which nothing shows afterwards whether it runs, and the playbook does not accept that.',
  argv: 'A program with more arguments than every Linux system passes on.',
  'remote-file': 'A URL where a path is needed; runbook downloads nothing from the network.',

  // Other files
  'plan-file': 'A plan file that is damaged or was changed, or a file that is not a plan file.',
  report: 'A kept report that is damaged, or of another version.',
  inventory: 'A recorded host that is damaged, incomplete, or of another version.',

  // The image
  'image-missing': 'The image file does not exist.',
  'image-unreadable': 'No permission to read the image.',
  'image-directory': 'A directory where the image should be.',
  'image-kind': 'A device node or socket where the image should be.',
  'image-empty': 'The image has no bytes.',
  'image-changed': 'The image changed while it was read.',
  'image-hash': 'The image is not the one that the playbook pins.',
  'image-size':
    'The image does not have the size that the playbook says, or its size is needed and not said.',
  'image-too-large': 'The image is larger than any download can carry.',
  'image-html': 'A web page was saved instead of the firmware.',
  'image-foreign':
    "The file is recognisably something else than firmware: a program, an archive, a document, a server's answer, a Git LFS pointer.",
  'image-package': 'A package where the image itself is needed, or a package that runbook does not open.',
  'image-member': 'The package has no such member, or the member is not a regular file.',
  'image-strip': 'A header that is unknown, missing, or as large as the image.',
  'image-damaged': 'The package is damaged or cut off.',
  'image-limit': 'The package unpacks to more than any firmware: too large, too many members, too deep.',
  'image-unsafe':
    'The package contains what no vendor ships: a path outside the package, or a link in a .scexe.',
  'image-parts':
    'Parts of one image that are less than `total-length`: the unit waits for the rest, and the download fails.',
  'image-cut': 'A skip, length or fill that does not fit the image.',
} as const;

export type DiagnosticCode = keyof typeof DIAGNOSTIC_CODES;

import { witnessText } from '../run/facts/witness.ts';
import { isSaved, savesImage } from '../playbook/modes.ts';
import type {
  ResolvedChunkedSection,
  ResolvedExternalSection,
  ResolvedFirmware,
  ResolvedSection,
} from '../playbook/resolved.ts';
import { chunksOf, fileText } from './plan-document.ts';
import { counted, durationText, exactSizeText } from './quantities.ts';

const INDENT = ' '.repeat(12);

/** What a play sends, section by section, as lines of the plan. */
export function sectionsLines(sections: readonly ResolvedSection[], firmware: ResolvedFirmware): string[] {
  return sections.flatMap((section, index) => {
    const number = sections.length === 1 ? '' : `${index + 1} of ${sections.length}: `;
    const [first, ...more] = section.via === 'external' ? programLines(section) : sendLines(section);
    return [
      `  send      ${number}${first!}`,
      ...[...more, ...proofLines(section), ...imageLines(section, firmware)].map((line) => INDENT + line),
    ];
  });
}

function sendLines(section: ResolvedChunkedSection): string[] {
  const { mode, bpw, bufferId, otherwise, region } = section;
  const chunks = chunksOf(section);
  const count = chunks === null ? '' : `, ${counted(chunks, 'command')}`;
  const way = section.via === 'ses' ? 'SES page 0Eh' : 'WRITE BUFFER';
  // A secondary subenclosure is another target than the unit that was selected: name it.
  const place =
    section.via === 'ses' && section.subenclosureId !== 0 ? ` to subenclosure ${section.subenclosureId}` : '';
  const buffer = bufferId === 0 ? '' : `, buffer ${bufferId}`;
  const lines = [`${way} ${mode}${place}${buffer}, bpw ${bpw}${count}`];
  if (otherwise !== null)
    lines.push(
      `if the device does not support the mode: ${otherwise.mode}, bpw ${otherwise.bpw}${isSaved(otherwise.mode) ? '' : ' (not saved)'}`,
    );
  if (!savesImage(section)) lines.push(NOT_SAVED);
  if (region === 'manufacturing') lines.push(MANUFACTURING);
  return lines;
}

/** What shows afterwards that one of several sections runs. */
const proofLines = ({ witness, isUnproven }: ResolvedSection): string[] => [
  ...(witness === undefined ? [] : [`proven by ${witnessText(witness)}`]),
  ...(isUnproven ? [UNPROVEN] : []),
];

const UNPROVEN = 'UNPROVEN: nothing shows afterwards whether this section runs (unproven: accepted)';
const NOT_SAVED = 'NOT SAVED: the unit loses the image at its next power cycle (not-saved: accepted)';
const MANUFACTURING = 'REPLACES MANUFACTURING DATA: the serial number and addresses of the unit may be lost';

function programLines({ argv, withinMs }: ResolvedExternalSection): string[] {
  return [
    `the program ${argv.join(' ')}, within ${durationText(withinMs)}`,
    'runbook does not see what the program sends; it checks the unit before and after',
  ];
}

/** Another file than the play's, or other bytes of it than were pinned: show which. */
function imageLines(section: ResolvedSection, firmware: ResolvedFirmware): string[] {
  const { image, sentSha256 } = section;
  const bytes = `${exactSizeText(image.length)}, sha256 ${sentSha256.slice(0, 12)}`;
  if (fileText(section) !== firmware.file) return [`of ${fileText(section)}: ${bytes}`];
  return sentSha256 === firmware.sha256 ? [] : [`of these ${bytes}`];
}

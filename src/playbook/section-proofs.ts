import type { PlayWords } from '../generated/playbook.ts';
import type { Report } from './diagnostics.ts';
import type { PlacedResolved } from './image-parts.ts';
import type { ResolvedSection } from './resolved.ts';

/**
 * Of several sections `verify` proves the last one. Each other is proven by its own descriptor or witness, or the playbook accepts
 * that nothing proves it (decisions.md#several-sections).
 */
export function checkProofs(sections: readonly PlacedResolved[], play: PlayWords, report: Report): void {
  for (const [index, { section, pointer }] of sections.entries()) {
    const isLast = index === sections.length - 1;
    const isProven = section.witness !== undefined || isWitnessed(section, play);
    const name = `section ${index + 1} of ${sections.length}`;
    if (isLast && (section.witness !== undefined || section.isUnproven))
      report({
        code: 'no-effect',
        path: pointer,
        message: 'verify proves the last section: revision, witness and unproven have no effect there',
        hint: 'write what the unit shows under verify',
      });
    else if (!isLast && isProven && section.isUnproven)
      report({
        code: 'no-effect',
        path: `${pointer}/unproven`,
        message: `${name} has its own proof`,
        hint: 'remove unproven',
      });
    else if (!isLast && !isProven && section.isUnproven !== true)
      report({
        code: 'unproven',
        path: pointer,
        message: `${name}: nothing shows afterwards whether it runs; verify proves the last one only`,
        hint: `add ${section.via === 'ses' ? 'revision (what its subenclosure shows afterwards) or ' : ''}witness; if there is none, add unproven: accepted`,
      });
  }
}

/** `verify.witness` looks at the subenclosure that this section goes to. */
const isWitnessed = (section: ResolvedSection, { verify }: PlayWords): boolean =>
  section.via === 'ses' && verify?.witness?.['ses-revision'] === section.subenclosureId;

import type { RefusalEntries } from './entry.ts';

/** Which unit it is, and whether it is the one that was planned for. */
export const IDENTITY = {
  'no-identity': {
    layer: 'procedure',
    cause: 'The unit shows no NAA or EUI-64 designator, so that it could not be found again after a restart.',
    message: 'has no usable identity (no NAA or EUI-64 designator in VPD page 83h)',
    next: 'Name the unit in `match.identity`, by its serial number for instance.',
  },
  'ambiguous-identity': {
    layer: 'procedure',
    cause: 'Two nodes show one identity that is too weak to say whether they lead to one unit.',
    message: '{node} and {twin} share {unit} and may be one unit over two paths',
    next: 'Disconnect one of the two, then run the playbook again.',
  },
  'conflicting-paths': {
    layer: 'procedure',
    cause: 'Paths with one designator show different units behind it.',
    message: '{nodes} share the designator {unit}, but show {what}',
    next: 'Two units with one designator cannot be told apart: disconnect one of them, or ask the vendor.',
  },
  'identity-changed': {
    layer: 'procedure',
    cause: 'Another unit answers where this one was.',
    message: 'identity changed: {before} (serial {beforeSerial}) was {place}, now {now} (serial {nowSerial})',
    next: 'Find out which unit is connected here before anything is written to it.',
  },
  'identity-unreadable': {
    layer: 'device',
    cause: 'A page by which the unit was known before its update cannot be read afterwards.',
    message: '{page} cannot be read any more: {cause}',
    next: 'Look again: runbook verify. If the page stays unreadable, ask the vendor; a later run cannot tell which unit this is.',
  },
  'module-changed': {
    layer: 'procedure',
    cause: 'The unit is another module, or in another enclosure, than when the plan was made.',
    message: 'was {before} when the plan was made, and is {now} now',
    next: 'Find out which module is connected here before anything is written to it.',
  },
  'not-there': {
    layer: 'open',
    cause: 'The unit was seen before and is not there now.',
    message: 'is not there now',
    next: 'Check its power and cables, and look again: runbook devices --probe',
  },
  'not-identified': {
    layer: 'device',
    cause:
      'The unit is not found under its id, and a unit of its type does not say who it is: it may be this one.',
    message: 'is not found, and {node} does not say who it is: {cause}',
    next: 'Find out what that unit answers (runbook devices --probe), then look again: runbook verify',
  },
  'no-longer-selected': {
    layer: 'procedure',
    cause: 'After an earlier play the unit no longer fits the `match` of this one.',
    message: 'is no longer selected: {why}',
    next: 'Compare `match` with what the unit shows: runbook devices --probe',
  },
  'changed-since-plan': {
    layer: 'procedure',
    cause: 'The unit shows something else than when the plan was made.',
    message: '{field} was "{before}" when the plan was made, and is "{now}" now',
    next: 'Find out who else works on this unit, then make the plan again.',
  },
  'subenclosure-missing': {
    layer: 'procedure',
    cause: 'The enclosure does not show the subenclosure that the playbook names.',
    message: '{page} does not show subenclosure {subenclosure}',
    next: 'Look at the subenclosures of this unit (runbook status) and correct `subenclosure`.',
  },
  'fact-unreadable': {
    layer: 'procedure',
    cause: 'A page on which a guard stands cannot be read: that is not the same as a unit without this page.',
    message: '{page} cannot be read, and it says {says}: {cause}',
    next: 'Look again later, and by hand (sg_vpd, sg_ses, sg_opcodes). `strategy.proceed-without: [{fact}]` goes on without it: {risk}.',
  },
  'proof-unreadable': {
    layer: 'procedure',
    cause: 'A page that `match.proof` looks at cannot be read.',
    message: '{page} cannot be read, and match.proof looks there',
    next: 'See whether the unit has this page: sg_vpd, or sg_inq -HHH',
  },
  'proof-differs': {
    layer: 'procedure',
    cause: 'The unit does not show the bytes that `match.proof` wants.',
    message: '{page} at byte {offset} does not show "{text}" (match.proof)',
    next: 'Compare with: sg_vpd -p PAGE -HHHH, or sg_inq -HHH',
  },
  'shares-microcode': {
    layer: 'procedure',
    cause:
      'The unit shares its microcode with another logical unit of its device, which is written for both.',
    message: 'shares its microcode with {unit}, and nothing is written to it; it shows {revision}',
    next: 'Nothing, if {unit} is updated. It may show the new revision after its next restart: runbook plan',
  },
  'selected-twice': {
    layer: 'procedure',
    cause: 'Two plays select one unit, and neither comes after the other.',
    message: 'play "{play}" selects this unit too',
    next: 'Narrow `match` of one of the two plays, or give the second one an `after`.',
  },
} as const satisfies RefusalEntries;

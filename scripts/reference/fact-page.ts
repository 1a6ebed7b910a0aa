import { FACTS } from '../../src/base/facts.ts';
import type { FactEntry, FactName } from '../../src/base/facts.ts';
import { code, page, table } from './markdown.ts';

/** Which file decides by each fact. */
const DECIDED_IN: Readonly<Record<FactName, string>> = {
  'vpd-80h': 'src/run/guards/identity.ts',
  'vpd-83h': 'src/run/guards/identity.ts',
  'vpd-86h': 'src/run/guards/modes.ts',
  'ses-00h': 'src/run/guards/ses-pages.ts',
  'ses-01h': 'src/run/guards/partners.ts',
  'ses-02h': 'src/run/guards/health.ts',
  'operation-codes': 'src/run/guards/limits.ts',
  'buffer-descriptor': 'src/run/guards/limits.ts',
  'level-0-discovery': 'src/run/guards/locking.ts',
  'request-sense': 'src/run/unit/check.ts',
  users: 'src/run/guards/outage.ts',
  links: 'src/run/facts/unit-topology.ts',
  driver: 'src/run/guards/adapter.ts',
};

interface Other {
  readonly fact: string;
  readonly readFrom: string;
  readonly says: string;
  readonly unreadable: string;
  readonly file: string;
}

/** What has no word in the playbook: without it nothing can be said, or the safer answer is taken by itself. */
const OTHERS: readonly Other[] = [
  {
    fact: 'type, vendor, product, revision',
    readFrom: 'standard INQUIRY data, the 36 bytes that arrived',
    says: 'whether a play selects the unit, and from which revision it starts',
    unreadable:
      'the unit is refused; after its update it is read until `verify.within` is over, then `unverified` (`shows-nothing`); `lost` is a unit that does not answer',
    file: 'src/run/facts/inspect-path.ts',
  },
  {
    fact: 'which VPD pages there are',
    readFrom: 'VPD page 00h',
    says: 'which pages are absent',
    unreadable: 'each page that is needed is asked for itself',
    file: 'src/device/identity.ts',
  },
  {
    fact: 'match bytes',
    readFrom: 'the page that `match.proof` names',
    says: 'whether it is the right model',
    unreadable:
      'the unit is selected, and refused (`proof-unreadable`); a unit without the page is not selected',
    file: 'src/run/facts/match-bytes.ts',
  },
  {
    fact: 'revision of a subenclosure',
    readFrom: 'diagnostic page 01h',
    says: 'from which revision a secondary subenclosure starts, and whether it was updated',
    unreadable: 'the unit is refused; after its update it is `degraded`, never `updated`',
    file: 'src/run/unit/check.ts',
  },
  {
    fact: 'state of a download',
    readFrom: 'diagnostic page 0Eh, never asked again for a longer answer: reading it uses it up',
    says: 'whether a download is in progress, waits, or failed',
    unreadable: 'before the first byte: refused; then the download stops, and a fresh read decides',
    file: 'src/microcode/ses/status.ts',
  },
  {
    fact: 'identity after the update',
    readFrom: 'VPD pages 80h and 83h',
    says: 'whether the same unit came back',
    unreadable:
      'it is not another unit: read until `verify.within` is over, then `degraded` (`identity-unreadable`)',
    file: 'src/microcode/verification.ts',
  },
  {
    fact: 'the second witness',
    readFrom: 'the page or attribute that `verify.witness` names',
    says: 'whether the new code runs',
    unreadable: 'it does not confirm, so the unit is not `updated`',
    file: 'src/run/facts/witness.ts',
  },
  {
    fact: 'another module of the enclosure',
    readFrom: 'INQUIRY, TEST UNIT READY and page 01h of the partner, right before the first byte',
    says: 'whether it can carry the drives meanwhile',
    unreadable: 'the unit is refused (`partner-unwell`)',
    file: 'src/run/guards/partner-probe.ts',
  },
  {
    fact: 'health of the enclosure',
    readFrom: 'diagnostic page 02h; absent where page 00h does not list it',
    says: 'whether a part of it has failed',
    unreadable: 'the unit is refused, unless `strategy.health: ignore`; afterwards it is `degraded`',
    file: 'src/run/facts/health.ts',
  },
  {
    fact: 'SAS links of one path',
    readFrom: 'the link of the unit in sysfs',
    says: 'which drives are behind the unit',
    unreadable: 'all drives of the adapter may be behind it',
    file: 'src/run/facts/unit-topology.ts',
  },
  {
    fact: 'type and state of a path',
    readFrom: 'sysfs',
    says: 'whether a drive is behind the unit, and keeps another path',
    unreadable:
      'a block device is taken for a drive; a path through the unit counts as one that is lost, and another one as missing',
    file: 'src/run/facts/unit-topology.ts',
  },
  {
    fact: 'raid_level',
    readFrom: 'sysfs',
    says: 'whether a device of hpsa, smartpqi or aacraid is part of an array',
    unreadable: 'it is taken for an array, and refused',
    file: 'src/host/topology.ts',
  },
];

export function factsPage(): string {
  const entries = Object.entries(FACTS) as [FactName, FactEntry][];
  return page(
    'What runbook believes, and why',
    'src/base/facts.ts and scripts/reference/fact-page.ts',
    'A guard objects to what it reads. If a unit does not have a page, there is nothing to object to: the page is absent. If the page is there and cannot be read, nobody knows: an answer that was lost, that is cut or garbled, or an error that does not say "there is no such page". Then the guard refuses the unit and names the page. An answer that is longer than asked for is asked for again with its length, and one damaged element does not take away the whole ones before it.',
    '## Facts that a playbook may go on without',
    'The refusal is `fact-unreadable`. `strategy.proceed-without` names facts whose guards are left out where they cannot be read; the plan, the report (`without`) and the journal say for which units. It accepts the risk in the last column.',
    table(
      ['word', 'read from', 'says', 'absent', 'decided in', 'risk without it'],
      entries.map(([name, { page: from, says, absent, risk }]) => [
        code(name),
        from,
        says,
        absent,
        fileLink(DECIDED_IN[name]),
        risk,
      ]),
    ),
    '## Everything else',
    table(
      ['fact', 'read from', 'says', 'if it cannot be read', 'decided in'],
      OTHERS.map(({ fact, readFrom, says, unreadable, file }) => [
        fact,
        readFrom,
        says,
        unreadable,
        fileLink(file),
      ]),
    ),
  );
}

const fileLink = (file: string): string => `[${file.replace('src/', '')}](../../${file})`;

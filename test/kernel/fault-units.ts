import type { PersonaName } from '../../src/simulator/personas.ts';

/** A kind of unit, and how peer and runbook upgrade it. */
export interface Unit {
  readonly persona: PersonaName;
  readonly revision: string;
  /** The peer's command line, without image and node. */
  readonly peer: string;
  /** Parts of the playbook. */
  readonly match: string;
  readonly download: string;
  readonly activate: string;
}

export const CARD: Unit = {
  persona: 'hp-sas-expander',
  revision: '2.08',
  peer: 'sg_write_buffer -m dmc_offs_defer -b 64k,act',
  match: 'type: enclosure, vendor: HP, product: HP SAS EXP Card',
  download:
    'via: write-buffer, mode: dmc_offs_defer, bpw: 64k, otherwise: {when: mode-not-supported, mode: dmc_offs_save}',
  activate: '[activate_mc, wait-ready: 20s]',
};

export const CARD_MODE_7: Unit = {
  ...CARD,
  peer: 'sg_write_buffer -m dmc_offs_save -b 64k',
  download: 'via: write-buffer, mode: dmc_offs_save, bpw: 64k',
  activate: '[wait-ready: 20s]',
};

export const DISK: Unit = {
  ...CARD_MODE_7,
  persona: 'disk',
  revision: '0001',
  match: 'type: disk, vendor: LAB, product: DISK',
};

export const IMMEDIATE: Unit = {
  persona: 'ses-shelf-immediate',
  revision: '0100',
  peer: 'sg_ses_microcode -m dmc_offs_save -b 32k',
  match: 'type: enclosure, vendor: LAB, product: SES SHELF',
  download: 'via: ses, mode: dmc_offs_save, bpw: 32k',
  activate: '[wait-ready: 20s]',
};

export const SHELF: Unit = { ...IMMEDIATE, persona: 'ses-shelf' };

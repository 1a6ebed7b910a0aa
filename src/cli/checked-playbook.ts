/** What `validate` says about a playbook: one entry of `playbooks` in runbook.diagnostics/1. */
export interface CheckedPlaybook {
  readonly file: string;
  readonly valid: boolean;
  readonly name: string | null;
  readonly sha256: string | null;
  readonly images: readonly CheckedImage[];
}

export interface CheckedImage {
  readonly play: string;
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly revision: string;
}

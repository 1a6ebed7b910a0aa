import type { Argument, Option } from 'commander';

/** More choices than this are named by the description, where it does. */
const MOST_CHOICES = 6;

/** What help, manual and reference say of an option: `output format; one of text, json; default: text`. */
export function optionMeaning({ description, argChoices, ...option }: Option): string {
  return meaning(description, argChoices, option.defaultValueDescription ?? option.defaultValue);
}

/** The same for an argument. */
export function argumentMeaning({ description, argChoices, ...argument }: Argument): string {
  return meaning(description, argChoices, argument.defaultValueDescription ?? argument.defaultValue);
}

function meaning(description: string, choices: readonly string[] = [], fallback: unknown): string {
  const known = choices.length === 0 || choices.length > MOST_CHOICES ? '' : `; one of ${choices.join(', ')}`;
  return `${description}${known}${typeof fallback === 'string' ? `; default: ${fallback}` : ''}`;
}

import { explainUnit } from '../explain/explain.ts';
import { nodeOf } from '../run/facts/nodes.ts';
import type { Plan } from '../run/plan/plan.ts';
import { printable, type Ink } from './ink.ts';
import type { ExplainedStep } from '../explain/pieces.ts';

/**
 * The steps of every unit as command lines, with what runbook does beside them. Units whose lines differ in the node alone are
 * told once; the JSON document has each.
 */
export function explainText({ decisions, playbook }: Plan, ink: Ink): string {
  const groups = new Map<string, { play: string; nodes: string[]; steps: readonly ExplainedStep[] }>();
  for (const { facts, play: name, action } of decisions) {
    const play = playbook.plays.find((candidate) => candidate.name === name);
    if (play === undefined || (action !== 'update' && action !== 'follows')) continue;
    // The same unit under a name that all share.
    const paths = facts.paths.map((path) => ({ ...path, sgNode: '/dev/sgN', hctl: '0:0:0:0' }));
    const key = JSON.stringify([play.name, explainUnit(play, { ...facts, paths }, playbook.file)]);
    const group = groups.get(key);
    if (group !== undefined) group.nodes.push(nodeOf(facts));
    else {
      const steps = explainUnit(play, facts, playbook.file);
      groups.set(key, { play: play.name, nodes: [nodeOf(facts)], steps });
    }
  }
  if (groups.size === 0) return '\nexplain: nothing would be sent\n';
  const lines = [...groups.values()].flatMap(({ play, nodes: [first, ...others], steps }) => [
    '',
    ink('bold', printable(`explain: play ${play} on ${first!}`)),
    ...steps.flatMap((step) => stepLines(step, ink)),
    ...(others.length === 0 ? [] : [`  the same for ${others.join(' ')}, with their own names`]),
  ]);
  return `${lines.join('\n')}\n`;
}

function stepLines({ step, commands, otherwise, beside }: ExplainedStep, ink: Ink): string[] {
  return [
    `  ${step}`,
    ...commands.map((line) => printable(`    $ ${line}`)),
    ...(otherwise.length === 0 ? [] : ['    if the unit does not support the mode:']),
    ...otherwise.map((line) => printable(`    $ ${line}`)),
    ...beside.map((line) => ink('dim', printable(`    runbook ${line}`))),
  ];
}

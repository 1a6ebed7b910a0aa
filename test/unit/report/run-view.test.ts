import * as assert from 'uvu/assert';
import { RunView } from '../../../src/report/run-view.ts';
import { suite } from '../../support/suite.ts';
import { finished, idOf, plannedDevices, progress, runStarted } from './run-events.ts';

const test = suite('view of a run');

const begun = (): RunView => {
  const view = new RunView();
  view.handle(runStarted(plannedDevices(2)), 0);
  return view;
};
const planned = plannedDevices(1)[0]!;
const next = { ...planned, play: 'next', before: '2.10', target: '2.12', totalBytes: 100 };
const counts = (view: RunView): string => [...view.outcomes].map(([end, n]) => `${n} ${end}`).join(', ');

test('the line of a unit begins again with its next play, and the unit is counted once', () => {
  const view = begun();
  view.handle(finished(1, { outcome: 'updated', play: planned.play }), 1);
  view.handle(finished(2, { outcome: 'updated', play: planned.play }), 2);
  assert.is(counts(view), '2 updated');
  view.handle({ type: 'device-planned', device: next }, 3);
  assert.is(counts(view), '1 updated');
  assert.is(view.count('queued'), 1);
  assert.is(view.devices.get(idOf(1))!.planned.target, '2.12');
  view.handle(progress(1, 50), 4);
  view.handle(finished(1, { outcome: 'failed', play: 'next' }), 5);
  assert.is(counts(view), '1 updated, 1 failed');
});

test('a later play that was left out does not cover the result of the unit', () => {
  const view = begun();
  view.handle(finished(1, { outcome: 'failed', play: planned.play }), 1);
  view.handle(finished(1, { outcome: 'skipped', play: 'next' }), 2);
  assert.is(counts(view), '1 failed');
  assert.is(view.devices.get(idOf(1))!.result!.outcome, 'failed');
});

test.run();

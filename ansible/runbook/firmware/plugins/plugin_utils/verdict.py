# Copyright: The runbook authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What an answer of runbook means to Ansible: failed, changed, facts, and a sentence for the operator."""

from __future__ import (absolute_import, division, print_function)
__metaclass__ = type

import difflib

# Exit codes of runbook that are not a failure of the host: 0, CHANGES of plan, PENDING, NOMATCH.
GOOD = (0, 5, 6, 10)

HOLD = 'DO NOT RESET OR POWER OFF these units, and let no other program do it'


def plan_result(answer, wants_diff):
    """The plan of one host: what would be done."""
    document = answer.document
    if document is None:
        return dict(failed=True, changed=False, work=False, msg=answer.error)
    units = [unit_of(device) for device in document.get('devices') or []]
    work = [unit for unit in units if unit['action'] == 'update']
    code = document['exit']['code']
    result = dict(
        failed=code not in GOOD,
        changed=bool(work) and code in GOOD,
        work=bool(work) and code in GOOD,
        exit=document['exit'],
        units=units,
        pending=[unit['id'] for unit in units if unit['action'] == 'pending'],
        frozen=frozen_of(document, units),
        playbook=document.get('playbook'),
        digest=document.get('work'),
        report=document,
    )
    result['msg'] = plan_sentence(document, units, work)
    if wants_diff:
        result['diff'] = diff_of(units)
    return told(result)


def unit_of(device):
    keys = ('id', 'play', 'paths', 'vendor', 'product', 'revision', 'target', 'action', 'reason', 'enclosure')
    return dict((key, device.get(key)) for key in keys)


def frozen_of(document, units):
    if 'frozen' in document:
        return list(document['frozen'])
    return [unit['id'] for unit in units] if document['exit']['code'] == 9 else []


def plan_sentence(document, units, work):
    code = document['exit']['code']
    if code == 10:
        return 'No unit of this host is selected by the playbook'
    if code not in GOOD:
        reasons = ['%s: %s' % (unit['id'], unit['reason']) for unit in units
                   if unit['action'] == 'refused' and unit['reason']]
        reasons += [refusal['reason'] for refusal in document.get('refusals') or [] if refusal['reason'] not in reasons]
        error = document.get('error')
        if error:
            reasons.append('%s. %s' % (error['message'], error['next']))
        for problem in document.get('diagnostics') or []:
            if problem['severity'] == 'error':
                reasons.append('%s:%s: %s' % (problem['file'], problem['line'], problem['message']))
        return 'Nothing is written: %s' % ('; '.join(reasons) or document['exit']['name'])
    if not work:
        return 'There is nothing to do'
    return 'To update: %s' % '; '.join(
        '%s %s → %s' % (unit['id'], unit['revision'], unit['target']) for unit in work)


def diff_of(units):
    """Revisions before and after, a line for each unit."""
    before = ['%s %s %s\n' % (unit['id'], unit['product'], unit['revision']) for unit in units]
    after = ['%s %s %s\n' % (unit['id'], unit['product'], unit['target'] if unit['action'] == 'update' else unit['revision'])
             for unit in units]
    return dict(prepared=''.join(difflib.unified_diff(before, after, 'now', 'after the upgrade', n=0)))


def report_result(answer):
    """The report of a run that has ended."""
    document = answer.document
    if document is None:
        return dict(failed=True, changed=False, msg=answer.error)
    devices = document.get('devices') or []
    code = document['exit']['code']
    outcomes = {}
    for device in devices:
        outcomes.setdefault(device['outcome'], []).append(device['id'])
    pending = [dict(id=device['id'], events=device['pending'] or []) for device in devices if device['outcome'] == 'pending']
    result = dict(
        failed=code not in GOOD,
        # Where bytes reached a unit something may have changed, whatever came of it.
        changed=any(device['chunks'] > 0 for device in devices),
        exit=document['exit'],
        outcomes=outcomes,
        pending=[unit['id'] for unit in pending],
        frozen=document.get('frozen', outcomes.get('frozen', [])),
        report=document,
    )
    result['msg'] = report_sentence(document, devices, pending, outcomes)
    return result


def report_sentence(document, devices, pending, outcomes):
    told_outcomes = ', '.join('%d %s' % (len(outcomes[name]), name) for name in sorted(outcomes))
    lines = [told_outcomes or document['exit']['name']]
    if outcomes.get('frozen'):
        lines.append('%s: %s' % (HOLD, ', '.join(outcomes['frozen'])))
    for device in devices:
        if device['outcome'] in ('updated', 'current', 'pending', 'frozen', 'skipped'):
            continue
        error = device.get('error') or {}
        lines.append('%s %s: %s' % (device['id'], device['outcome'], device['reason'] or error.get('message', '')))
        if error.get('next'):
            lines.append(error['next'])
    for unit in pending:
        lines.append('%s waits for: %s. Then run the task verify' % (unit['id'], ' or '.join(unit['events']) or 'an event'))
    error = document.get('error')
    if error:
        lines.append('%s. %s' % (error['message'], error['next']))
    return '. '.join(line.rstrip('.') for line in lines)


def facts_of(result):
    """What later tasks, and other plays, look at."""
    frozen = result.get('frozen') or []
    pending = result.get('pending') or []
    advice = ''
    if frozen:
        advice = '%s: %s' % (HOLD, ', '.join(frozen))
    elif result.get('lost_contact') or result.get('running'):
        advice = 'A run may be going on here: do not reset or power off its enclosures'
    elif pending:
        advice = 'These units wait for an event, then verify them: %s' % ', '.join(pending)
    return dict(runbook_firmware=dict(
        exit=(result.get('exit') or {}).get('code'),
        run=result.get('run'),
        frozen=frozen,
        pending=pending,
        advice=advice,
    ))


def told(result):
    """The result with its facts. A failed task sets none in Ansible, so they are also in the result."""
    for name in ('pending', 'frozen'):
        result.setdefault(name, [])
    result['ansible_facts'] = facts_of(result)
    return result


def merge(earlier, later):
    """What an adopted run did, and what came after it in the same task."""
    if earlier is None:
        return later
    merged = dict(later)
    merged['changed'] = bool(earlier.get('changed') or later.get('changed'))
    merged['adopted'] = True
    for name in ('run', 'job', 'report', 'outcomes'):
        if name in earlier:
            merged.setdefault(name, earlier[name])
    merged['msg'] = '%s. %s' % (earlier['msg'].rstrip('.'), later['msg'])
    return told(merged)

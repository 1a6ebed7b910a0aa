# Copyright: The runbook authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Which hosts may be upgraded together."""

from __future__ import (absolute_import, division, print_function)
__metaclass__ = type

DOCUMENTATION = r'''
name: batches
short_description: Batches of hosts that share no unit and no enclosure
version_added: 1.0.0
author: The runbook authors (@runbook-project)
description:
  - Makes batches for C(serial) of the hosts whose plan has work, so that two hosts that reach one unit, or one
    enclosure, are never in one batch.
  - A host without work is in no batch, so it cannot stand for the others as the canary.
positional: _input
options:
  _input:
    description: Results of C(runbook.firmware.upgrade) in check mode, by the name of the host.
    type: dict
    required: true
  sizes:
    description:
      - Sizes of the batches, as C(serial) has them. The last one is for all that follow.
      - A percentage is one of the hosts with work.
    type: list
    elements: str
    default: [1, 5, 25%]
  forks:
    description: No batch is larger. A host that waits for a fork would wait for the whole write of another one.
    type: int
    default: 5
'''

EXAMPLES = r'''
- name: Make batches
  ansible.builtin.set_fact:
    firmware_batches: "{{ plans | runbook.firmware.batches(sizes=[1, 5, '25%'], forks=ansible_forks) }}"
'''

RETURN = r'''
_value:
  description: The batches, in order.
  type: list
  elements: list
'''

from ansible.errors import AnsibleFilterError


def batches(plans, sizes=(1, 5, '25%'), forks=5):
    """plans: result of the upgrade task in check mode by host."""
    waiting = [host for host in plans if plans[host].get('work')]
    counts = [size_of(size, len(waiting)) for size in sizes] or [1]
    made = []
    while waiting:
        size = min(counts[min(len(made), len(counts) - 1)], max(1, int(forks)))
        batch, taken, left = [], set(), []
        for host in waiting:
            shared = reached(plans[host])
            if len(batch) < size and not shared & taken:
                batch.append(host)
                taken |= shared
            else:
                left.append(host)
        made.append(batch)
        waiting = left
    return made


def reached(plan):
    """What a host could write to, or disturb: all units of its plan and their enclosures, with work or without."""
    things = set()
    for unit in plan.get('units') or []:
        things.add('unit %s' % unit['id'])
        if unit.get('enclosure'):
            things.add('enclosure %s' % unit['enclosure'])
    return things


def size_of(size, count):
    text = str(size).strip()
    try:
        number = int(float(text[:-1]) * count / 100) if text.endswith('%') else int(text)
    except ValueError:
        raise AnsibleFilterError('batches: %s is neither a number nor a percentage' % text)
    return max(1, number)


class FilterModule(object):
    def filters(self):
        return dict(batches=batches)

#!/usr/bin/python
# Copyright: The runbook authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import (absolute_import, division, print_function)
__metaclass__ = type

DOCUMENTATION = r'''
module: verify
short_description: Look again at units that wait for an event or are not proven
version_added: 0.1.0
author: The runbook authors (@runbook-project)
description:
  - Looks at every unit that an earlier run left open, after the power cycle that it waited for, for example.
  - Nothing is sent that changes a device. It fails where a unit is not proven; a unit that waits is no failure.
attributes:
  check_mode:
    description: Can run in check mode and say what would happen, without changing the host.
    support: none
  diff_mode:
    description: Shows what would change.
    support: none
options:
  run:
    description: Only the units of this run, C(last) or an id. Default is all that is open.
    type: str
  silence:
    description: Seconds for which the host may be out of reach, before the task fails.
    type: int
    default: 60
  bundle:
    description:
      - Folder on the controller with the program as it is built, C(runbook.cjs) and what lies beside it.
      - It is sent, once, to hosts where the package of runbook is not installed, and needs Node.js 20.19 or later there.
    type: path
  state_dir:
    description:
      - Where runbook keeps its records on the host. What this collection sends lies below it, in C(ansible), for root alone.
    type: str
    default: /var/lib/runbook
  lab:
    description:
      - A lab file on the host. Its simulated devices take the place of the devices of the host, for a rehearsal.
    type: str
  lab_state:
    description:
      - File on the host that keeps the state of the lab between tasks.
    type: str
'''

EXAMPLES = r'''
- name: Verify after the power cycle
  runbook.firmware.verify:
    bundle: dist
  become: true
'''

RETURN = r'''
msg:
  description: What was found, and what to do, for an operator.
  type: str
  returned: always
outcomes:
  description: Ids of units by their outcome.
  type: dict
  returned: success
pending:
  description: Ids of units that wait for an event.
  type: list
  elements: str
  returned: always
frozen:
  description: Ids of units that must not be reset or powered off.
  type: list
  elements: str
  returned: always
'''

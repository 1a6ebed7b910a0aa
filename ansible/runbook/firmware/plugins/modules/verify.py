#!/usr/bin/python
# Copyright: The runbook authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import (absolute_import, division, print_function)
__metaclass__ = type

DOCUMENTATION = r'''
module: verify
short_description: Look again at units that wait for an event or are not proven
version_added: 1.0.0
author: The runbook authors (@runbook-project)
description:
  - Looks at every unit that an earlier run left open, after the power cycle that it waited for, for example.
  - Nothing is sent that changes a device. It fails where a unit is not proven; a unit that waits is not a failure.
extends_documentation_fragment: runbook.firmware.host
attributes:
  check_mode:
    support: none
  diff_mode:
    support: none
options:
  run:
    description: Only the units of this run, C(last) or an id. Default is all that is open.
    type: str
  silence:
    description: Seconds for which the host may be out of reach, before the task fails.
    type: int
    default: 60
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

#!/usr/bin/python
# Copyright: The runbook authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import (absolute_import, division, print_function)
__metaclass__ = type

DOCUMENTATION = r'''
module: facts
short_description: Record the devices of a host
version_added: 1.0.0
author: The runbook authors (@runbook-project)
description:
  - Asks each device of the host about itself, and keeps the answer on the controller.
    C(runbook plan --inventory) plans against it without the host.
  - Nothing is sent that changes a device.
extends_documentation_fragment: runbook.firmware.host
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
options:
  dest:
    description:
      - Folder on the controller for the record, C(NAME.json). It is made where it does not exist.
      - Without it only the facts are set.
    type: path
  silence:
    description: Seconds for which the host may be out of reach, before the task fails.
    type: int
    default: 60
'''

EXAMPLES = r'''
- name: Record the host
  runbook.firmware.facts:
    bundle: dist
    dest: inventory
  become: true
'''

RETURN = r'''
dest:
  description: The file on the controller.
  type: str
  returned: when dest was given
ansible_facts:
  description: What is set as facts.
  returned: success
  type: dict
  contains:
    runbook_devices:
      description: One entry for each device.
      type: list
      elements: dict
'''

#!/usr/bin/python
# Copyright: The runbook authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import (absolute_import, division, print_function)
__metaclass__ = type

DOCUMENTATION = r'''
module: upgrade
short_description: Upgrade the firmware that a runbook playbook names
version_added: 1.0.0
author: The runbook authors (@runbook-project)
description:
  - Plans on the host, and starts the upgrade as a job that outlives the connection, this task, and the controller.
    Then it follows the job until its end.
  - In check mode it only plans. The task is then C(changed) where there is work, and its diff is the revisions.
  - A run that an earlier task started is adopted while it runs; when it has ended unseen, its result is taken.
  - A lost connection is a failure of the task, and never C(unreachable), so that it stops the next batch.
    The job goes on; the next task takes its result.
  - The deadline ends the task and not the write.
notes:
  - It needs root on the host; use C(become).
  - The task holds one fork until the job has ended.
extends_documentation_fragment: runbook.firmware.host
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
options:
  playbook:
    description:
      - Playbook of runbook on the controller. It is sent together with the images that it names, once.
      - Or a plan file, of C(runbook plan --out), for one host or for many. Each host obeys its part, and refuses what has changed
        since. In check mode the playbook of the file is planned.
    type: path
    required: true
  digest:
    description: Digest of the plan file, from its review. Another file is refused.
    type: str
  only:
    description: Only these devices, named as for C(runbook apply --only).
    type: list
    elements: str
    default: []
  recover:
    description: Frozen units that may get an image, as for C(runbook apply --recover).
    type: list
    elements: str
    default: []
  retry:
    description: Send an image again that ended badly on a unit. Only when the cause is understood.
    type: bool
    default: false
  take_over:
    description: Discard a download of unknown origin that a unit holds. Only when its origin is understood.
    type: bool
    default: false
  deadline:
    description: Seconds until the task gives up following the job. The job goes on.
    type: int
    default: 14400
  silence:
    description: Seconds for which the host may be out of reach, before the task fails.
    type: int
    default: 600
  slice:
    description: Seconds for which one question about the job waits on the host.
    type: int
    default: 20
  report_dir:
    description:
      - Folder on the controller for the report of each host, C(NAME.json). C(runbook report) makes one table of them.
    type: path
'''

EXAMPLES = r'''
- name: Upgrade the expander cards
  runbook.firmware.upgrade:
    playbook: cards.yml
    bundle: dist
    report_dir: reports
  become: true
'''

RETURN = r'''
msg:
  description: What happened, and what to do, for an operator.
  type: str
  returned: always
exit:
  description: Exit code and name of runbook.
  type: dict
  returned: when runbook answered
units:
  description: The units that the playbook selects, with what would be done.
  type: list
  elements: dict
  returned: when it planned only
outcomes:
  description: Ids of units by their outcome.
  type: dict
  returned: when a run ended
pending:
  description: Ids of units that wait for an event, a power cycle for example.
  type: list
  elements: str
  returned: always
frozen:
  description: Ids of units that must not be reset or powered off.
  type: list
  elements: str
  returned: always
run:
  description: Id of the run, as C(runbook history) has it.
  type: str
  returned: when a run was followed
job:
  description: Name of the job.
  type: str
  returned: when a run was followed
adopted:
  description: An earlier task had started the run.
  type: bool
  returned: when a run was followed
lost_contact:
  description: The host was out of reach for longer than I(silence).
  type: bool
  returned: when contact was lost
'''

# Copyright: The runbook authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import (absolute_import, division, print_function)
__metaclass__ = type


class ModuleDocFragment(object):
    """How to reach runbook on a host; of every task."""

    DOCUMENTATION = r'''
attributes:
  check_mode:
    description: Can run in check mode and say what would happen, without changing the host.
  diff_mode:
    description: Shows what would change.
options:
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

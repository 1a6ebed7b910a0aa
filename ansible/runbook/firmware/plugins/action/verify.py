# Copyright: The runbook authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import (absolute_import, division, print_function)
__metaclass__ = type

from ansible.plugins.action import ActionBase

from ansible_collections.runbook.firmware.plugins.plugin_utils.arguments import HOST_ARGUMENTS, checked
from ansible_collections.runbook.firmware.plugins.plugin_utils.program import Lost, Program
from ansible_collections.runbook.firmware.plugins.plugin_utils.verdict import report_result, told

ARGUMENTS = dict(HOST_ARGUMENTS, run=dict(type='str'), silence=dict(type='int', default=60))


class ActionModule(ActionBase):
    """Looks again at the units that an earlier run left open."""

    # Not before the first contact is ours: what it raises would be `unreachable`.
    TRANSFERS_FILES = False
    _supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        result = super(ActionModule, self).run(tmp, task_vars)
        arguments = checked(self, ARGUMENTS, task_vars)
        words = ['verify'] + ([] if arguments['run'] is None else [arguments['run']])
        program = Program(self, arguments, arguments['silence'])
        try:
            if self._task.check_mode:
                result.update(changed=False, skipped=True, msg='verify closes what it proves, so it is not run in check mode')
                return result
            answer = program.ask([words])[0]
        except Lost as lost:
            result.update(failed=True, changed=False, msg=str(lost))
            return result
        finally:
            program.close()
        verified = told(report_result(answer))
        # Nothing is sent that changes a device.
        verified['changed'] = False
        result.update(verified)
        return result

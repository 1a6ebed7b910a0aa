# Copyright: The runbook authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import (absolute_import, division, print_function)
__metaclass__ = type

import json
import os

from ansible.plugins.action import ActionBase

from ansible_collections.runbook.firmware.plugins.plugin_utils.arguments import HOST_ARGUMENTS, checked
from ansible_collections.runbook.firmware.plugins.plugin_utils.program import Lost, Program

ARGUMENTS = dict(HOST_ARGUMENTS, dest=dict(type='path'), silence=dict(type='int', default=60))


class ActionModule(ActionBase):
    """Records a host: what `devices --probe` says, for `plan --inventory` on the controller."""

    # Not before the first contact is ours: what it raises would be `unreachable`.
    TRANSFERS_FILES = False
    _supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        result = super(ActionModule, self).run(tmp, task_vars)
        arguments = checked(self, ARGUMENTS, task_vars)
        program = Program(self, arguments, arguments['silence'])
        try:
            answer = program.ask([['devices', '--probe']])[0]
        except Lost as lost:
            result.update(failed=True, changed=False, msg=str(lost))
            return result
        finally:
            program.close()
        if answer.document is None or answer.rc != 0:
            result.update(failed=True, changed=False, msg=answer.error)
            return result
        devices = answer.document['devices']
        result.update(changed=False, msg='%d devices' % len(devices), ansible_facts=dict(
            runbook_devices=[device_of(device) for device in devices]))
        if arguments['dest'] is not None:
            name = (task_vars or {}).get('inventory_hostname', self._play_context.remote_addr)
            result['dest'] = os.path.join(arguments['dest'], '%s.json' % name)
            result['changed'] = keep(result['dest'], answer.document, self._task.check_mode)
        return result


def device_of(device):
    probe = device.get('probe') or {}
    return dict(
        id=probe.get('id'),
        path=device['sgNode'] or device['hctl'],
        type=device['type'],
        vendor=device['vendor'],
        product=device['product'],
        revision=probe.get('revision') or device['revision'],
        serial_number=probe.get('serialNumber'),
    )


def keep(place, document, only_check):
    """Writes the record where it says something new; the time alone is nothing new. Returns whether it does."""
    try:
        with open(place) as stream:
            if lasting(json.load(stream)) == lasting(document):
                return False
    except (IOError, OSError, ValueError):
        pass
    if not only_check:
        folder = os.path.dirname(place)
        if folder and not os.path.isdir(folder):
            os.makedirs(folder)
        with open(place + '.new', 'w') as stream:
            json.dump(document, stream, indent=1)
        os.rename(place + '.new', place)
    return True


def lasting(document):
    """Without the time; and without the start of the host, which says something only beside what is remembered of units."""
    inventory = dict(document.get('inventory') or {}, recorded=None)
    memory = dict(inventory.get('memory') or {})
    if not memory.get('units') and not memory.get('dead'):
        memory['bootId'] = None
    return dict(document, inventory=dict(inventory, memory=memory))

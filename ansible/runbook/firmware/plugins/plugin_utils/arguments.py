# Copyright: The runbook authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the tasks of this collection are given, checked on the controller."""

from __future__ import (absolute_import, division, print_function)
__metaclass__ = type

import os

from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

# How to reach runbook on a host; of every task.
HOST_ARGUMENTS = dict(
    bundle=dict(type='path'),
    state_dir=dict(type='str', default='/var/lib/runbook'),
    lab=dict(type='str'),
    lab_state=dict(type='str'),
)


def checked(action, arguments, task_vars):
    """The arguments with their defaults."""
    validation = ArgumentSpecValidator(arguments).validate(action._task.args)
    if validation.error_messages:
        raise AnsibleActionFail('; '.join(validation.error_messages))
    values = validation.validated_parameters
    action._templar.available_variables = task_vars or {}
    if values.get('playbook') is not None:
        values['playbook'] = found(action, values['playbook'])
    return values


def found(action, path):
    """A file of the controller: beside the play, as Ansible has it, or else in the folder in which Ansible was started."""
    try:
        return action._find_needle('files', path)
    except AnsibleError:
        here = os.path.abspath(path)
        if os.path.isfile(here):
            return here
        raise

# Copyright: The runbook authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import (absolute_import, division, print_function)
__metaclass__ = type

import json
import os
import random
import time

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.runbook.firmware.plugins.plugin_utils.arguments import HOST_ARGUMENTS, checked
from ansible_collections.runbook.firmware.plugins.plugin_utils.program import Lost, Program, git_commit, playbook_parcel
from ansible_collections.runbook.firmware.plugins.plugin_utils.verdict import (
    facts_of,
    merge,
    plan_result,
    report_result,
    told,
)

display = Display()

ARGUMENTS = dict(
    HOST_ARGUMENTS,
    playbook=dict(type='path', required=True),
    digest=dict(type='str'),
    only=dict(type='list', elements='str', default=[]),
    recover=dict(type='list', elements='str', default=[]),
    retry=dict(type='bool', default=False),
    take_over=dict(type='bool', default=False),
    deadline=dict(type='int', default=14400),
    silence=dict(type='int', default=600),
    report_dir=dict(type='path'),
    # How long one question about the job waits; the link is quiet meanwhile.
    slice=dict(type='int', default=20),
)

JOB_PREFIX = 'ansible-'


class ActionModule(ActionBase):
    """One task of upgrade on one host: adopt or collect what runs there, plan, start, follow, report."""

    # Not before the first contact is ours: what it raises would be `unreachable`.
    TRANSFERS_FILES = False
    _supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        result = super(ActionModule, self).run(tmp, task_vars)
        arguments = checked(self, ARGUMENTS, task_vars)
        self.arguments = arguments
        self.until = time.monotonic() + arguments['deadline']
        self.program = Program(self, arguments, arguments['silence'])
        try:
            result.update(self._upgrade())
        except Lost as lost:
            # Never `unreachable`: a play does not count that as a failure, and the next hosts would be written to.
            result.update(failed=True, msg=self._lost_text(lost), changed=False, lost_contact=True)
            result['ansible_facts'] = facts_of(result)
        finally:
            self.program.close()
        document = result.pop('report', None) or no_report(result)
        if isinstance(document.get('playbook'), dict):
            document['playbook']['gitCommit'] = git_commit(arguments['playbook'])
        if arguments['report_dir'] is not None:
            keep_report(arguments['report_dir'], self._host_name(), document)
        return result

    job = None

    def _lost_text(self, lost):
        if self.job is None:
            return '%s. Nothing was started by this task' % lost
        return ('%s. Job %s goes on there. Do not reset or power off its enclosures; run the play again when the host '
                'answers: it takes the result' % (lost, self.job))

    def _upgrade(self):
        parcel, given, playbook = playbook_parcel(self.arguments['playbook'])
        plan_words = ['plan', self.program.path_in(parcel, playbook)] + self._memory_words()
        jobs, plan = self.program.ask([['job', 'list'], plan_words], [parcel])
        if jobs.document is None or jobs.rc != 0:
            return dict(failed=True, changed=False, msg=jobs.error)
        earlier = self._earlier(jobs.document['jobs'])
        if earlier is not None:
            if earlier.get('failed') or earlier['pending']:
                return earlier
            plan = self.program.ask([plan_words], [parcel])[0]
        planned = plan_result(plan, self._task.diff)
        if self._task.check_mode or planned.get('failed') or not planned['work']:
            if not self._task.check_mode:
                planned['changed'] = False
            return merge(earlier, planned)
        return merge(earlier, self._start(self.program.path_in(parcel, given), plan.document, parcel))

    def _memory_words(self):
        words = []
        for name in self.arguments['recover']:
            words += ['--recover', name]
        if self.arguments['retry']:
            words.append('--retry')
        if self.arguments['take_over']:
            words.append('--take-over')
        return words

    def _earlier(self, jobs):
        """Follows what runs on the host, and takes the results that nobody has taken. None: there is nothing."""
        mine = [job for job in jobs if job['job'].startswith(JOB_PREFIX)]
        taken = None
        for job in mine:
            if self._task.check_mode:
                if job['state'] == 'running':
                    return dict(plan_running(job), changed=False)
                continue
            self.job = job['job']
            taken = merge(taken, self._follow(adopted=True))
            if taken.get('failed'):
                return taken
        return taken

    def _start(self, playbook, document, parcel):
        # Asked for again after a lost answer, it is begun once: the name is made here.
        self.job = '%s%s-%08x' % (JOB_PREFIX, (document.get('work') or 'run')[:12], random.getrandbits(32))
        words = ['apply', playbook, '--yes', '--job', self.job, '--detach'] + self._memory_words()
        if self.arguments['digest'] is not None:
            words += ['--digest', self.arguments['digest']]
        for name in self.arguments['only']:
            words += ['--only', name]
        started = self.program.ask([words], [parcel])[0]
        if started.document is None or 'job' not in started.document:
            return dict(failed=True, changed=False, msg=started.error)
        return self._follow(adopted=False)

    def _follow(self, adopted):
        """Until the job has ended, or the time of the task is over; then the job goes on."""
        while True:
            left = max(0, int(self.until - time.monotonic()))
            waited = self.program.ask([['job', 'wait', self.job, '--for', '%ds' % min(left, self.arguments['slice'])]])[0]
            job = (waited.document or {}).get('job')
            if job is None:
                return dict(failed=True, changed=False, msg=waited.error)
            self._tell(job)
            if job['state'] == 'died':
                self._forget()
                return told(dict(failed=True, changed=wrote(job), msg=waited.error, job=self.job, run=job['run'], died=job['died'],
                                 adopted=adopted))
            if job['state'] == 'finished':
                answer = self.program.ask([['job', 'result', self.job]])[0]
                result = report_result(answer)
                result.update(job=self.job, run=job['run'], adopted=adopted)
                self._forget()
                return told(result)
            if left == 0:
                return told(dict(failed=True, changed=wrote(job), job=self.job, run=job['run'], adopted=adopted, running=True, msg=(
                    'The deadline of this task is over, and job %s goes on: a write is never ended in its middle. '
                    'Run the play again: it takes the result' % self.job)))

    def _forget(self):
        """The result is here. If the answer to this is lost, the next run takes the result once more."""
        try:
            self.program.ask([['job', 'forget', self.job]])
        except Lost:
            pass

    def _tell(self, job):
        for unit in job['units']:
            display.vv('%s: %s of %s bytes; %s' % (unit['id'], unit['doneBytes'], unit['totalBytes'], unit['text']),
                       host=self._play_context.remote_addr)

    def _host_name(self):
        return self._templar.available_variables.get('inventory_hostname', self._play_context.remote_addr)


def keep_report(folder, host, document):
    """For `runbook report`, which knows the host by its name in the inventory."""
    if not os.path.isdir(folder):
        os.makedirs(folder)
    with open(os.path.join(folder, '%s.json' % host), 'w') as stream:
        json.dump(document, stream, indent=2)


def wrote(job):
    """Bytes reached a unit."""
    return any(unit['doneBytes'] > 0 for unit in job['units'])


def plan_running(job):
    return dict(failed=False, pending=[], frozen=[], work=False, job=job['job'], run=job['run'],
                msg='Job %s is running on this host since %s' % (job['job'], job['startedAt']))


def no_report(result):
    """What is known of a host that gave no report, in the words of one."""
    return dict(format='runbook.error/1', command='apply', diagnostics=[],
                error=dict(code='no-report', layer='procedure', message=result.get('msg') or 'no report',
                           next='Run the play again.', cdb=None, offset=None, sense=None),
                exit=dict(code=1, name='FAILED'))

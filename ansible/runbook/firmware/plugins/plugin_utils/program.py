# Copyright: The runbook authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""runbook on a host: where it is, how it comes there, and how it is asked. Runs on the controller."""

from __future__ import (absolute_import, division, print_function)
__metaclass__ = type

import hashlib
import io
import json
import os
import shlex
import subprocess
import tarfile
import tempfile
import time

import yaml

from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure, AnsibleError
from ansible.utils.display import Display
from ansible.utils.path import makedirs_safe

display = Display()

# Keeps what this collection says apart from what a login shell or sudo print.
MARK = '=== runbook '

# A link that is down is noticed after half a minute, and not after the two hours of TCP.
KEEP_ALIVE = '-o ServerAliveInterval=5 -o ServerAliveCountMax=3 -o ConnectTimeout=15'

# Connections of this collection are its own, because an option counts for whoever opens the connection.
CONTROL_FOLDER = '~/.ansible/cp'

# How long to try where a host was never reached.
FIRST_CONTACT_SECONDS = 20


class Lost(Exception):
    """The host could not be reached for as long as the task allows."""


class Answer(object):
    """What one command of runbook said: its document, and its exit code."""

    def __init__(self, rc, text):
        self.rc = rc
        self.text = text
        try:
            self.document = json.loads(text)
        except ValueError:
            self.document = None

    @property
    def error(self):
        """The failure in a sentence with the next step."""
        if self.document is None:
            return 'runbook gave no answer (exit %s): %s' % (self.rc, self.text[-500:].strip())
        return sentence_of(self.document)


def sentence_of(document):
    """What a document says is wrong, with the next step; empty where nothing is."""
    error = document.get('error')
    if error:
        return '%s. %s' % (error['message'], error['next'])
    for problem in document.get('diagnostics') or []:
        if problem['severity'] == 'error':
            return '%s:%s: %s' % (problem['file'], problem['line'], problem['message'])
    return ''


class Parcel(object):
    """Files that go to the host once, under the hash of what they contain."""

    def __init__(self, files):
        """files: name below the folder to path on the controller."""
        self.files = dict(files)
        digest = hashlib.sha256()
        for name in sorted(self.files):
            digest.update(('%s\0%o\0' % (name, self._mode(name))).encode('utf-8'))
            with open(self.files[name], 'rb') as stream:
                digest.update(hashlib.sha256(stream.read()).digest())
        self.name = digest.hexdigest()[:32]

    def _mode(self, name):
        return 0o700 if os.access(self.files[name], os.X_OK) else 0o600

    def archive(self):
        """A tar file that is the same on every controller."""
        packed = io.BytesIO()
        # Level 6 of gzip, without a time: the same bytes again.
        with tarfile.open(fileobj=packed, mode='w:gz', format=tarfile.USTAR_FORMAT, compresslevel=6) as tar:
            for name in sorted(self.files):
                entry = tarfile.TarInfo(name)
                entry.size = os.stat(self.files[name]).st_size
                entry.mode = self._mode(name)
                with open(self.files[name], 'rb') as stream:
                    tar.addfile(entry, stream)
        return packed.getvalue()


def bundle_parcel(folder):
    """The program as `npm run build` makes it, for hosts that have Node.js."""
    if not os.path.isfile(os.path.join(folder, 'runbook.cjs')):
        raise AnsibleActionFail('bundle: there is no runbook.cjs in %s' % folder)
    return Parcel(files_below(folder))


def files_below(folder):
    found = {}
    for place, folders, names in os.walk(folder):
        for name in names:
            whole = os.path.join(place, name)
            found[os.path.relpath(whole, folder)] = whole
    return found


def playbook_parcel(given):
    """
    A playbook with its images, or a plan file with its playbook and the images of that, in the folders in which they lie.
    Returns the parcel, and in it the names of what was given and of the playbook.
    """
    plan = plan_file(given)
    playbook = given if plan is None else os.path.join(os.path.dirname(given), plan['playbook']['file'])
    try:
        words = yaml.safe_load(text_of(playbook))
    except yaml.YAMLError as error:
        raise AnsibleActionFail('playbook: %s is not YAML: %s' % (playbook, error))
    here = os.path.dirname(os.path.abspath(playbook))
    named = [os.path.normpath(os.path.join(here, name)) for name in image_names(words)]
    # What is not here may be there: an image of the host itself, or of a lab. The program says what is missing.
    there = [path for path in named if os.path.isfile(path)]
    whole = [os.path.abspath(given), os.path.abspath(playbook)] + there
    root = os.path.commonpath([os.path.dirname(path) for path in whole])
    names = [os.path.relpath(path, root) for path in whole]
    return Parcel(zip(names, whole)), names[0], names[1]


def plan_file(path):
    """What `runbook plan --out` wrote; None: it is a playbook."""
    text = text_of(path)
    if not text.lstrip().startswith('{'):
        return None
    try:
        document = json.loads(text)
    except ValueError:
        return None
    return document if str(document.get('format')).startswith(('runbook.plan-file/', 'runbook.plans-file/')) else None


def text_of(path):
    try:
        with io.open(path, encoding='utf-8') as stream:
            return stream.read()
    except (IOError, OSError, ValueError) as error:
        raise AnsibleActionFail('playbook: %s cannot be read: %s' % (path, error))


def git_commit(path):
    """The commit that is checked out where the playbook lies: what is sent has no repository. None: it lies in none."""
    words = ['git', '-C', os.path.dirname(os.path.abspath(path)), 'rev-parse', '--verify', 'HEAD']
    try:
        said = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    except OSError:
        return None
    return said.stdout.decode('ascii', 'replace').strip() or None if said.returncode == 0 else None


def image_names(words):
    """Values of `file` in `firmware` and in the sections of `download`."""
    names = []
    plays = words.get('plays') if isinstance(words, dict) else None
    for play in plays if isinstance(plays, list) else []:
        if not isinstance(play, dict):
            continue
        sections = play.get('download')
        for part in [play.get('firmware')] + (sections if isinstance(sections, list) else [sections]):
            if isinstance(part, dict) and isinstance(part.get('file'), str):
                names.append(part['file'])
    return names


class Program(object):
    """runbook on one host. Each method is one round trip, and more only where something has to be sent."""

    def __init__(self, action, arguments, silence):
        self.action = action
        self.silence = silence
        self.state_dir = arguments['state_dir']
        self.place = self.state_dir + '/ansible'
        self.bundle = None if arguments['bundle'] is None else bundle_parcel(arguments['bundle'])
        self.common = ['--state-dir', self.state_dir]
        for option in ('lab', 'lab_state'):
            if arguments[option] is not None:
                self.common += ['--' + option.replace('_', '-'), arguments[option]]
        self.lost_at = None
        self.met = False
        if action._connection.transport == 'ssh':
            options = action._connection.get_option('ssh_extra_args') or ''
            own = '%s -o ControlPath=%s' % (KEEP_ALIVE, control_path(action._play_context))
            action._connection.set_option('ssh_extra_args', (options + ' ' + own).strip())

    def ask(self, commands, parcels=()):
        """Runs commands of runbook, one after the other. Returns their answers. What is missing on the host is sent."""
        parcels = list(parcels)
        for turn in range(3):
            parts = self._run(self._script(commands, parcels))
            missing = parts.pop('missing', '').split()
            if not missing:
                return self._answers(parts, commands)
            known = dict((parcel.name, parcel) for parcel in parcels + ([self.bundle] if self.bundle else []))
            for name in missing:
                self._send(known[name])
        raise AnsibleActionFail('the host does not keep what is sent to it: look at %s there' % self.place)

    def path_in(self, parcel, name):
        return '%s/%s/%s' % (self.place, parcel.name, name)

    def _answers(self, parts, commands):
        if 'refused' in parts:
            raise AnsibleActionFail(parts['refused'].strip())
        answers = []
        for index in range(len(commands)):
            text = parts.get('answer %d' % index)
            rc = parts.get('rc %d' % index, '').strip()
            if text is None or not rc.isdigit():
                raise Lost('the answer of the host is incomplete')
            answers.append(Answer(int(rc), text))
        return answers

    def _script(self, commands, parcels):
        """Finds the program: the package, or the bundle where Node.js can run it. Then what is to be asked."""
        lines = ['say() { printf \'\\n%s%%s\\n\' "$1"; }' % MARK]
        bundle = '' if self.bundle is None else self.path_in(self.bundle, 'runbook.cjs')
        lines += [
            'PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
            'missing=; bundle=%s' % shlex.quote(bundle),
            'if command -v runbook >/dev/null 2>&1; then runbook() { command runbook "$@"; }',
            'elif [ -z "$bundle" ]; then say refused; echo "runbook is not on this host. Install its package there, or give bundle."; exit 0',
            'elif node -e "%s" 2>/dev/null; then' % NODE_IS_NEW_ENOUGH,
            '  runbook() { node "$bundle" "$@"; }; [ -e "$bundle" ] || missing="%s"' % (self.bundle.name if self.bundle else ''),
            'else say refused; echo "This host has neither runbook nor Node.js 20.19 or later. Install the package of runbook there."; exit 0; fi',
        ]
        for parcel in parcels:
            lines.append('[ -d %s ] || missing="$missing %s"' % (
                shlex.quote('%s/%s' % (self.place, parcel.name)), parcel.name))
        lines.append('if [ -n "$missing" ]; then say missing; echo "$missing"; exit 0; fi')
        for index, words in enumerate(commands):
            line = ' '.join(shlex.quote(word) for word in list(words) + self.common + ['--format', 'json'])
            lines.append('say "answer %d"; runbook %s; rc=$?; say "rc %d"; echo "$rc"' % (index, line, index))
        lines += ['say end', 'exit 0']
        return '\n'.join(lines)

    def _send(self, parcel):
        """Root's alone: it lies in a folder of root before it is looked at, and its hash is that of the controller."""
        packed = parcel.archive()
        handle, local = tempfile.mkstemp(prefix='runbook-')
        try:
            with os.fdopen(handle, 'wb') as stream:
                stream.write(packed)
            remote = self._patiently(lambda: self._transfer(local))
        finally:
            os.unlink(local)
        folder = '%s/%s' % (self.place, parcel.name)
        script = '\n'.join([
            'set -e; umask 077',
            'mkdir -p %s; chmod 700 %s' % (shlex.quote(self.place), shlex.quote(self.place)),
            'cd %s; find . -mindepth 1 -maxdepth 1 -mtime +90 -exec rm -rf {} +' % shlex.quote(self.place),
            'new=$(mktemp -d .XXXXXXXX); cp %s "$new/sent"' % shlex.quote(remote),
            'echo "%s  $new/sent" | sha256sum -c - >/dev/null' % hashlib.sha256(packed).hexdigest(),
            'mkdir "$new/files"; tar -xzf "$new/sent" -C "$new/files" --no-same-owner',
            'rm -rf %s; mv "$new/files" %s; rm -rf "$new"' % (shlex.quote(folder), shlex.quote(folder)),
            'printf \'\\n%send\\n\'' % MARK,
        ])
        self._run(script)
        display.vv('runbook: sent %d bytes as %s' % (len(packed), folder), host=self._host())

    def _transfer(self, local):
        action = self.action
        if not action._connection._shell.tmpdir:
            action._make_tmp_path()
        return action._transfer_file(local, action._connection._shell.join_path(action._connection._shell.tmpdir, 'sent'))

    def _run(self, script):
        """Runs a script on the host. Returns its parts by their marks. Raises Lost."""
        said = self._patiently(lambda: self.action._low_level_execute_command(script, executable='/bin/sh'))
        parts, name = {}, None
        for line in said['stdout'].replace('\r\n', '\n').split('\n'):
            if line.startswith(MARK):
                name = line[len(MARK):]
                parts[name] = ''
            elif name is not None:
                parts[name] += line + '\n'
        if 'end' not in parts and 'missing' not in parts and 'refused' not in parts:
            why = (said.get('stderr') or said['stdout']).strip()[-500:] or 'exit %s' % said['rc']
            raise AnsibleActionFail('the host did not do what it was asked for: %s' % why)
        return parts

    def _patiently(self, act):
        """Tries again for as long as the host may be silent."""
        while True:
            try:
                value = act()
                self.lost_at = None
                self.met = True
                return value
            except AnsibleConnectionFailure as error:
                self._wait_for_contact(error)
            except AnsibleActionFail:
                raise
            except AnsibleError as error:
                # A prompt of sudo that does not come looks like this.
                self._wait_for_contact(error)

    def _wait_for_contact(self, error):
        now = time.monotonic()
        if self.lost_at is None:
            self.lost_at = now
        allowed = self.silence if self.met else min(self.silence, FIRST_CONTACT_SECONDS)
        if now - self.lost_at >= allowed:
            raise Lost('no contact for %d s: %s' % (now - self.lost_at, str(error).strip()))
        display.vv('runbook: no contact, trying again: %s' % error, host=self._host())
        time.sleep(2)
        try:
            self.action._connection.reset()
        except AnsibleError:
            pass

    def close(self):
        """Removes what was left for the transfer. A host that is out of reach keeps an empty folder."""
        try:
            self.action._remove_tmp_path(self.action._connection._shell.tmpdir)
        except AnsibleError as error:
            display.vv('runbook: %s' % error, host=self._host())

    def _host(self):
        return self.action._play_context.remote_addr


def control_path(play):
    """A socket for this user on this host. Its name is short, because ssh takes some hundred characters with the folder."""
    folder = os.path.expanduser(CONTROL_FOLDER)
    makedirs_safe(folder, 0o700)
    whole = '%s %s %s' % (play.remote_addr, play.port, play.remote_user)
    return os.path.join(folder, 'rb%s' % hashlib.sha256(whole.encode('utf-8')).hexdigest()[:10])


NODE_IS_NEW_ENOUGH = ("const [a,b]=process.versions.node.split('.');"
                      'process.exit(a>20||(a==20&&b>=19)?0:1)')

"""Whole launches of real processes: exit codes, output, and that nothing stays behind."""

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROGRAM = 'import sys; from pathlib import Path; from lander_bringup.runner.main import launch; ' \
          'sys.exit(launch(Path(sys.argv[1]), sys.argv[2:]))'
STUBBORN = 'import signal, time\nfor n in 2, 15: signal.signal(n, signal.SIG_IGN)\n' \
           "print('ready', flush=True)\nwhile True: time.sleep(1)\n"
POLITE = 'import signal, sys, time\nsignal.signal(2, lambda *a: sys.exit(0))\n' \
         "print('ready', flush=True)\nwhile True: time.sleep(1)\n"


class Launch:
    """Starts the runner on a file of actions; all its processes carry a mark in their environment."""

    def __init__(self, workspace):
        self.workspace, self.mark = workspace, f'LAUNCH_MARK={workspace.folder}'.encode()
        self.log = workspace.folder / 'log'
        for name, text in (('stubborn.py', STUBBORN), ('polite.py', POLITE)):
            workspace.file(text, name)

    def start(self, actions: str, **options) -> subprocess.Popen:
        actions = actions.replace('PYTHON', sys.executable).replace('DIR', str(self.workspace.folder))
        file = self.workspace.file('launch:\n' + actions)
        name, _, value = self.mark.decode().partition('=')
        environment = {**os.environ, name: value, 'ROS_LOG_DIR': str(self.log)}
        return subprocess.Popen([sys.executable, '-c', PROGRAM, str(file)], env=environment, text=True,
                                **{'stdout': subprocess.PIPE, 'stderr': subprocess.STDOUT, **options})

    def run(self, actions: str) -> tuple[int, str]:
        process = self.start(actions)
        text, _ = process.communicate(timeout=30)
        assert self.left() == []
        return process.returncode, text

    def left(self, patience: float = 0.0) -> list[str]:
        """Return the commands of the processes still there, after waiting for their end."""
        end = time.monotonic() + patience
        while True:
            commands = []
            for folder in Path('/proc').glob('[0-9]*'):
                try:
                    if self.mark in (folder / 'environ').read_bytes().split(b'\0'):
                        commands.append((folder / 'cmdline').read_text().replace('\0', ' '))
                except OSError:
                    continue
            if not commands or time.monotonic() > end:
                return commands
            time.sleep(0.02)


@pytest.fixture
def launch(workspace) -> Launch:
    return Launch(workspace)


@pytest.mark.parametrize('code', [0, 1, 3])
def test_exit_code_is_that_of_the_process_whose_end_is_the_end(code, launch):
    assert launch.run(f"""
- executable: {{cmd: sleep 100}}
- executable: {{cmd: sh -c 'sleep 0.2; exit {code}', on_exit: shutdown}}
""")[0] == code


def test_killed_process_does_not_end_the_launch(launch):
    code, text = launch.run("""
- executable: {cmd: sh -c 'kill -9 $$', name: victim}
- executable: {cmd: sh -c 'sleep 0.5; echo still here', name: other, output: screen, on_exit: shutdown}
""")
    assert code == 0
    assert '[victim] SIGKILL' in text
    assert '[other] still here' in text


def test_process_that_refuses_to_start_ends_the_launch_with_2(launch):
    code, text = launch.run("""
- executable: {cmd: sh -c 'echo error >&2; exit 2', name: bad, respawn: "true"}
- executable: {cmd: sleep 100, on_exit: shutdown}
""")
    assert code == 2
    assert '[bad] error' in text


def test_process_that_refuses_and_interrupts_the_launch_ends_it_with_4(launch):
    assert launch.run("""
- executable: {cmd: sleep 100}
- executable: {cmd: sh -c 'trap "" INT; sleep 0.2; kill -INT $PPID; exit 4'}
""")[0] == 4


def test_missing_program_ends_the_launch(launch):
    code, text = launch.run('- executable: {cmd: /no/such/program, name: a}\n- executable: {cmd: sleep 100}')
    assert code == 127
    assert '[a] cannot start' in text


def test_launch_ends_when_all_processes_have_ended(launch):
    assert launch.run("- executable: {cmd: 'true'}\n- executable: {cmd: sleep 0.1}")[0] == 0


def test_respawn_starts_again_until_the_limit(launch):
    code, text = launch.run("""
- executable:
    cmd: sh -c 'echo once; kill -9 $$'
    name: a
    output: screen
    respawn: "true"
    respawn_delay: 0.01
    respawn_max_retries: 2
""")
    assert text.count('[a] once') == 3
    assert code == 128 + signal.SIGKILL


def test_output_goes_to_screen_and_files_as_in_ros(launch):
    commands = '\n'.join(f"- executable: {{cmd: sh -c 'echo out; echo err >&2', name: {n}, output: {n}}}"
                         for n in ('screen', 'log', 'both'))
    _, text = launch.run(commands)
    shown = sorted(line for line in text.splitlines() if line.startswith('['))
    assert shown == ['[both] err', '[both] out', '[log] err', '[screen] err', '[screen] out']
    assert sorted((launch.log / 'log.log').read_text().split()) == ['err', 'out']
    assert sorted((launch.log / 'both.log').read_text().split()) == ['err', 'out']
    assert not (launch.log / 'screen.log').exists()


def wait_for_ready(process: subprocess.Popen, count: int) -> None:
    for _ in range(count):
        assert 'ready' in process.stdout.readline()


def test_ctrl_c_ends_everything_with_130(launch):
    process = launch.start("""
- executable: {cmd: PYTHON DIR/polite.py, output: screen}
- executable: {cmd: PYTHON DIR/stubborn.py, output: screen, sigterm_timeout: 0.2, sigkill_timeout: 0.2}
- executable: {cmd: sh -c 'sleep 100 & echo ready; sleep 100', output: screen}
""")
    wait_for_ready(process, 3)
    process.send_signal(signal.SIGINT)
    text = process.communicate(timeout=10)[0]
    assert process.returncode == 130
    assert 'still runs 0.2 s after SIGTERM' in text
    assert launch.left() == []


def test_second_ctrl_c_ends_at_once(launch):
    process = launch.start(
        '- executable: {cmd: PYTHON DIR/stubborn.py, output: screen, sigterm_timeout: 60.0}')
    wait_for_ready(process, 1)
    process.send_signal(signal.SIGINT)
    time.sleep(0.1)  # two signals at once may arrive as one
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=5)
    assert process.returncode == 130
    assert launch.left() == []


def test_nothing_is_left_when_the_runner_is_killed(launch):
    process = launch.start("""
- executable: {cmd: PYTHON DIR/polite.py, output: screen}
- executable: {cmd: PYTHON DIR/stubborn.py, output: screen}
- executable: {cmd: sh -c 'sleep 100 & echo ready; sleep 100', output: screen}
""")
    wait_for_ready(process, 3)
    assert len(launch.left()) > 4
    process.kill()
    process.wait()
    assert launch.left(patience=5.0) == []
    process.stdout.close()


def test_children_that_a_process_leaves_behind_are_ended(launch):
    code, _ = launch.run("- executable: {cmd: sh -c 'sleep 100 & exit 0', on_exit: shutdown}")
    assert code == 0


def test_process_with_emulate_tty_has_the_terminal(launch):
    ours, theirs = pty.openpty()
    process = launch.start("""
- executable: {cmd: sh -c 'test -t 1 && echo terminal', output: screen, emulate_tty: true, on_exit: shutdown}
- executable: {cmd: sh -c 'test -t 1 || echo pipe; sleep 100', output: screen, name: other}
""", stdout=theirs, stderr=theirs)
    os.close(theirs)
    assert process.wait(timeout=10) == 0
    text = os.read(ours, 4096).decode()
    os.close(ours)
    assert '\nterminal' in '\n' + text.replace('\r\x1b[K', '\n')


def test_shutdown_in_the_file_starts_nothing(launch):
    code, text = launch.run(
        '- executable: {cmd: echo started, output: screen}\n- shutdown: {reason: not today}')
    assert code == 1
    assert 'not today' in text
    assert 'started' not in text

"""For all tests: a ROS domain for each worker, and no process left behind at the end."""

import fcntl
import os
import shutil
import signal
import tempfile
import time
from pathlib import Path

import pytest

DOMAINS = range(60, 100)  # above about 100 the ports of DDS meet those of other programs
MARK = 'FRIGORIS_TEST_SESSION'


def pytest_configure(config: pytest.Config) -> None:
    """Set the environment that nodes started by tests inherit."""
    os.environ['ROS_DOMAIN_ID'] = str(_free_domain())
    os.environ['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'LOCALHOST'
    if not hasattr(config, 'workerinput'):
        os.environ[MARK] = str(os.getpid())
        os.environ['ROS_LOG_DIR'] = config.frigoris_logs = tempfile.mkdtemp(prefix='frigoris-test-')


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the session if a process that a test started is still there."""
    if hasattr(session.config, 'workerinput'):
        return
    end = time.monotonic() + 3.0
    while (left := _left_behind()) and time.monotonic() < end:
        time.sleep(0.05)
    session.config.frigoris_left = left
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    if left:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    shutil.rmtree(session.config.frigoris_logs, ignore_errors=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Name the processes that were left behind."""
    for pid, command in getattr(config, 'frigoris_left', {}).items():
        terminalreporter.write_line(f'ERROR: a test left process {pid} behind: {command}', red=True)


def _free_domain() -> int:
    for domain in DOMAINS:
        lock = os.open(Path(tempfile.gettempdir(), f'frigoris-domain-{domain}.lock'), os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            continue
        return domain  # the file stays open, and locked, as long as this process lives
    raise pytest.UsageError('every ROS domain for tests is in use')


def _left_behind() -> dict[int, str]:
    """Return process ids and commands that carry our mark, zombies and pytest's own workers left out."""
    mark = f'{MARK}={os.environ[MARK]}'.encode()
    found = {}
    for folder in Path('/proc').glob('[0-9]*'):
        try:
            if mark in (folder / 'environ').read_bytes().split(b'\0'):
                command = (folder / 'cmdline').read_bytes().replace(b'\0', b' ').decode(errors='replace')
                if command and 'execnet' not in command and int(folder.name) != os.getpid():
                    found[int(folder.name)] = command
        except OSError:
            continue  # gone, or not ours
    return found

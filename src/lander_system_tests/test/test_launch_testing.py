"""The same landing under `launch_testing`, on machines that have it.

It runs in a process of its own: the pytest plugin of launch_testing works with old versions of pytest only,
and imports every test file by its bare name.
"""

import shutil
import subprocess
from pathlib import Path

import pytest

FILE = Path(__file__).with_name('landing_launch_test.py')


@pytest.mark.timeout(1200)
@pytest.mark.skipif(shutil.which('launch_test') is None,
                    reason='launch_testing comes with ROS, not with the wheels')
def test_landing_with_launch_testing():
    run = subprocess.run(['launch_test', str(FILE)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         text=True, timeout=1100)
    assert run.returncode == 0, run.stdout
    assert run.stdout.count('\nOK\n') == 2, run.stdout  # while it flew, and afterwards

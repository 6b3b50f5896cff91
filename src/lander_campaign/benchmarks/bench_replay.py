"""How many times real time a recorded landing is replayed: bag in, estimator, guidance, allocator, bag out.

    python src/lander_campaign/benchmarks/bench_replay.py [BAG]

Without BAG a nominal landing is flown first, with all nodes in one process. Times are processor times.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from lander_campaign.replay.parameters import recorded_parameters
from lander_campaign.replay.player import Player
from lander_campaign.replay.source import Source
from lander_common.figures import report

ROOT = Path(__file__).resolve().parents[3]


def landing(folder: Path) -> Path:
    """Fly and record a landing; return its folder."""
    subprocess.run(['frigoris', 'land', '--compose', '--flights', str(folder)], check=True,
                   stdout=subprocess.DEVNULL)
    return folder / 'latest'


def main(bag: Path | None) -> None:
    """Replay and report."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bag = bag or landing(folder / 'flights')
        software = recorded_parameters(bag, ROOT / 'config').software
        Player(Source(bag), software).run(folder / 'first')  # compiles
        began = time.process_time()
        outcome = Player(Source(bag), software).run(folder / 'second')
        took = time.process_time() - began
    report('replay of a landing from orbit, times real time', (outcome.end - outcome.begin) / took, '-')
    cycle = took / outcome.imu_samples
    report('replay: one IMU sample through bag, cores and bag', 1e6 * cycle, 'us')
    differing = sum(n.differing for n in outcome.comparison.topics.values())
    report('replay: messages that differ', differing, '-')


if __name__ == '__main__':
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)

"""What compression of the bag saves and costs: size and processor time for a recorded landing, written again.

    python src/lander_telemetry/benchmarks/bench_compression.py [BAG]

BAG is a flight folder, a bag folder or an .mcap file; without it a nominal landing is flown first. Each way
is written twice: with a flush each 0.2 s of flight time, as in a flight in real time, and with full chunks,
as in one that is as fast as possible.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from lander_common.figures import report
from lander_telemetry.bag_file import COMPRESSIONS
from lander_telemetry.bag_writer import BagWriter
from lander_telemetry.playback import Message, read_bag, read_topics

FLUSH_NS = 200_000_000


def write(bag: Path, messages: list[Message], folder: Path, compression: str,
          flush_ns: int) -> tuple[int, float]:
    """Write the messages; return the length of the bag [B] and the processor time [s]."""
    topics = read_topics(bag)
    began = time.process_time()
    writer = BagWriter(folder, compression=compression)
    channels = {name: writer.add_channel(topic, text) for name, (topic, text) in topics.items()}
    due = messages[0].time + flush_ns
    for message in messages:
        if flush_ns and message.time >= due:
            writer.flush()
            due = message.time + flush_ns
        writer.write(channels[message.topic], message.time, message.data)
    writer.close()
    return sum(file.stat().st_size for file in folder.iterdir()), time.process_time() - began


def landing(folder: Path) -> Path:
    """Fly and record a landing; return its folder."""
    subprocess.run(['frigoris', 'land', '--compose', '--flights', str(folder)], check=True,
                   stdout=subprocess.DEVNULL)
    return folder / 'latest'


def measure(bag: Path) -> None:
    """Write in all ways and report."""
    messages = list(read_bag(bag, read_topics(bag)))
    span = 1e-9 * (messages[-1].time - messages[0].time)
    report('messages', len(messages), '-')
    report('flight time', span, 's')
    with tempfile.TemporaryDirectory() as name:
        for flush_ns, what in ((FLUSH_NS, 'flushed each 0.2 s'), (0, 'full chunks')):
            for compression in COMPRESSIONS:
                folder = Path(name, f'{compression}{flush_ns}')
                size, took = write(bag, messages, folder, compression, flush_ns)
                report(f'{what}, {compression}: size', 1e-6 * size, 'MB')
                each = 1e6 * took / len(messages)
                report(f'{what}, {compression}: processor time for a message', each, 'us')


if __name__ == '__main__':
    if len(sys.argv) > 1:
        measure(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as flights:
            measure(landing(Path(flights)))

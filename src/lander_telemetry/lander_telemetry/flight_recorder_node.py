"""Flight recorder: writes every topic of the graph, as raw bytes, into the bag of a flight.

Subscribes to each topic that has a publisher, now or later. Publishes /diagnostics, and how far it is, for
whoever could run away from it.
Its timers run on the steady wall clock: recording goes on when flight time stands still.
"""

import re
from pathlib import Path
from typing import Any

from builtin_interfaces.msg import Time
from rclpy.clock import Clock, ClockType
from rclpy.node import Node

from lander_common.parameters import ParameterError
from lander_common.ros.backlog import PROGRESS
from lander_common.ros.diagnostics import ERROR, OK, Diagnostics
from lander_common.ros.node import run
from lander_common.ros.parameters import declare
from lander_common.ros.qos import STATUS
from lander_common.ros.time import to_stamp
from lander_telemetry import graph_node as graph
from lander_telemetry.definitions import DefinitionError, definition
from lander_telemetry.parameters import RecorderParameters
from lander_telemetry.recording import Recording

POLL_S = 0.1
PROGRESS_S = 0.05
STABLE_POLLS = 20
"""So many polls without a new topic, then only each tenth is made."""


class FlightRecorderNode(Node):
    """Records until it is stopped, or until the disk is full or fails: it says so, and the flight goes on."""

    def __init__(self, **arguments: Any):
        """Open the bag and begin to look for topics."""
        super().__init__('flight_recorder', **arguments)
        parameters = declare(self, RecorderParameters)
        if not parameters.flight_dir:
            raise ParameterError('flight_dir', '', 'the folder of the flight')
        self._exclude = _pattern(parameters.exclude)
        self._progress = self.create_publisher(Time, PROGRESS, STATUS)
        self._known = {self._progress.topic_name}
        self._polls = self._last_new = 0
        self._recording = Recording(Path(parameters.flight_dir) / 'bag', parameters)
        self._diagnostics = Diagnostics(self)
        self._told = ''
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(POLL_S, self._discover, clock=steady)
        self.create_timer(PROGRESS_S, self._tell_progress, clock=steady)
        self.create_timer(parameters.flush_period_s, self._flush, clock=steady)

    @property
    def received(self) -> int:
        """Messages received so far, written or lost."""
        return self._recording.messages + self._recording.lost

    def destroy_node(self) -> None:
        """Complete the bag and end the node."""
        self._recording.close()
        self._tell()
        super().destroy_node()

    def _discover(self) -> None:
        self._polls += 1
        if self._polls - self._last_new > STABLE_POLLS and self._polls % 10:
            return
        for name, types in self.get_topic_names_and_types():
            if name in self._known:
                continue
            publishers = self.get_publishers_info_by_topic(name)
            if publishers:
                self._known.add(name)
                self._last_new = self._polls
                if not self._exclude.fullmatch(name):
                    self._record(name, types, publishers)

    def _record(self, name: str, types: list[str], publishers: list) -> None:
        if len(types) > 1:
            self.get_logger().warn(f'{name}: of the types {", ".join(types)} only {types[0]} is recorded')
        try:
            text, message = definition(types[0]), graph.message_class(types[0])
        except (DefinitionError, ImportError, AttributeError, ValueError) as error:
            self.get_logger().warn(f'{name} is not recorded: {error}')
            return
        topic = graph.describe(name, types[0], publishers)
        receive = self._recording.add_topic(topic, text, graph.is_stamped(message))
        self.create_subscription(message, name, receive, graph.requested(publishers), raw=True)

    def _tell_progress(self) -> None:
        self._progress.publish(to_stamp(self._recording.time))

    def _flush(self) -> None:
        self._recording.flush()
        self._tell()

    def _tell(self) -> None:
        recording = self._recording
        if recording.trouble not in ('', self._told):
            self._told = recording.trouble
            self.get_logger().error(f'{recording.trouble}; the flight goes on')
        level, text = (ERROR, recording.trouble) if recording.trouble else (OK, 'recording')
        self._diagnostics.update(recording.time, level, text, topics=len(self._known),
                                 messages=recording.messages, lost=recording.lost,
                                 longest_sync_s=round(recording.longest_sync_s, 3))


def _pattern(text: str) -> re.Pattern:
    try:
        return re.compile(text or '(?!)')
    except re.error as error:
        raise ParameterError('exclude', text, f'a regular expression ({error})') from None


def main() -> None:
    """Start the node."""
    run(FlightRecorderNode, received=lambda node: node.received)


if __name__ == '__main__':
    main()

"""Real traffic over DDS, at the rates of a flight; every message that was sent is known with its time."""

import threading
import time

from geometry_msgs.msg import WrenchStamped
from nav_msgs.msg import Odometry
from rclpy.serialization import serialize_message
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import Imu

from lander_common.ros.qos import RING
from lander_common.ros.time import to_stamp
from lander_msgs.msg import AidSourceStatus, NavigationStatus, RangeSample, ThrusterCommand

from .conftest import wait_for

PERIOD_S = 0.02
TOPICS = {  # type, and every how many cycles
    '/clock': (Clock, 1), '/imu': (Imu, 1), '/odometry': (Odometry, 1), '/wrench': (WrenchStamped, 1),
    '/thrusters/command': (ThrusterCommand, 1), '/rangefinder/range_sample': (RangeSample, 5),
    '/navigation_status': (NavigationStatus, 5), '/aid_source_status': (AidSourceStatus, 2)}


class Traffic:
    """Publishes until it is stopped, from the moment on at which the recorder listens to every topic."""

    def __init__(self, node):
        self.sent = {topic: [] for topic in TOPICS}  # (wall time before publishing, bytes)
        self._publishers = {t: node.create_publisher(kind, t, RING) for t, (kind, _) in TOPICS.items()}
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def begin(self):
        """Wait for the recorder and begin."""
        wait_for(lambda: all(p.get_subscription_count() for p in self._publishers.values()))
        self._thread.start()

    def end(self):
        """Stop."""
        self._ending.set()
        self._thread.join()

    def _run(self):
        cycle, begin = 0, time.monotonic()
        while not self._ending.wait(max(0.0, begin + cycle * PERIOD_S - time.monotonic())):
            cycle += 1
            stamp = to_stamp(100.0 + cycle * PERIOD_S)
            for topic, (kind, every) in TOPICS.items():
                if cycle % every == 0:
                    data = serialize_message(self._message(kind, stamp))
                    self.sent[topic].append((time.monotonic(), data))
                    self._publishers[topic].publish(data)

    @staticmethod
    def _message(kind, stamp):
        message = kind()
        if kind is Clock:
            message.clock = stamp
        else:
            message.header.stamp, message.header.frame_id = stamp, 'map'
        return message

    def check(self, found, now, limit_s):
        """Return how old [s] the oldest message is that is missing from `found`, bytes by topic.

        Nothing else may be there than what was sent, in its order and without a gap.
        """
        oldest = now
        for topic, sent in self.sent.items():
            there = found.get(topic, [])
            assert there == [data for _, data in sent[:len(there)]], topic
            missing = [t for t, _ in sent[len(there):] if t < now]
            assert not missing or now - missing[0] <= limit_s, (topic, now - missing[0])
            oldest = min(oldest, *missing[:1], now)
        return now - oldest

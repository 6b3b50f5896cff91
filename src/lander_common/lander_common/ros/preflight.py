"""The word of the preflight check, as those hear it who must not start without it."""

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.node import Node

from lander_common.ros.diagnostics import OK
from lander_common.ros.qos import LATCHED

TOPIC = 'preflight'
"""Topic of the verdict: a status for each device, and one of the name VERDICT whose level OK means GO."""

VERDICT = 'preflight'


class GoAhead:
    """Waits for GO. Once given it stays given: a lander under way is not stopped by its preflight check."""

    def __init__(self, node: Node, needed: bool):
        """Listen through `node`; if none is `needed`, it is given from the start."""
        self.given = not needed
        self.reason = 'no word from the preflight check yet'  # why it is not given
        if needed:
            node.create_subscription(DiagnosticArray, TOPIC, self._take, LATCHED)

    def _take(self, message: DiagnosticArray) -> None:
        for status in message.status:
            if status.name == VERDICT:
                self.given = self.given or status.level == OK
                self.reason = f'preflight: {status.message}'

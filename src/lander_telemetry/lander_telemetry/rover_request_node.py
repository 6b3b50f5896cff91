"""The request of mission control to the rover: one goal, once the lander has landed.

If it is told to, it takes the inhibit of the release off first: the preflight check wants it on.
"""

import time
from collections.abc import Callable
from typing import Any

from rclpy.action import ActionClient
from rclpy.node import Node
from std_srvs.srv import SetBool

from lander_msgs.action import DeployRover
from lander_telemetry.mission import Mission


class RoverRequest:
    """Sends the goal of deploy_rover and tells the mission what becomes of it."""

    def __init__(self, node: Node, mission: Mission, say: Callable[[str], None], lift_inhibit: bool):
        """Make the clients on `node`; `say` shows a line, `lift_inhibit`: take the inhibit off first."""
        self._inhibit = node.create_client(SetBool, 'rover/set_inhibit') if lift_inhibit else None
        self._client = ActionClient(node, DeployRover, 'deploy_rover')
        self._mission, self._say = mission, say
        self._stage: int | None = None

    def send_when_wanted(self, flight_time: float) -> None:
        """Send the goal if the mission wants it and all who must answer are there."""
        servers = self._client.server_is_ready() and (
            self._inhibit is None or self._inhibit.service_is_ready())
        if self._mission.wants_rover and servers:
            self._mission.rover_asked(flight_time)
            if self._inhibit is None:
                self._send()
            else:
                self._inhibit.call_async(SetBool.Request(data=False)).add_done_callback(self._take_inhibit)

    def _take_inhibit(self, answer: Any) -> None:
        if answer.result().success:
            self._say('rover: the inhibit of the release is off')
            self._send()
        else:
            self._mission.rover_ended(False, f'the inhibit stays on: {answer.result().message}')

    def _send(self) -> None:
        self._say('rover: goal sent')
        answer = self._client.send_goal_async(DeployRover.Goal(), feedback_callback=self._take_feedback)
        answer.add_done_callback(self._take_answer)

    def _take_feedback(self, message: Any) -> None:
        self._mission.hear(time.monotonic())
        if message.feedback.stage not in (self._stage, DeployRover.Feedback.STAGE_DONE):
            self._stage = message.feedback.stage
            self._say(f'rover: {message.feedback.detail}')

    def _take_answer(self, answer: Any) -> None:
        goal = answer.result()
        if goal.accepted:
            goal.get_result_async().add_done_callback(self._take_result)
        else:
            self._mission.rover_ended(False, 'the goal was rejected')

    def _take_result(self, answer: Any) -> None:
        result = answer.result().result
        self._mission.rover_ended(result.success, result.message)
        self._say(f'rover: {result.message}')

"""The request of mission control to the rover: one goal, once the lander has landed."""

import time
from collections.abc import Callable
from typing import Any

from rclpy.action import ActionClient
from rclpy.node import Node

from lander_msgs.action import DeployRover
from lander_telemetry.mission import Mission


class RoverRequest:
    """Sends the goal of deploy_rover and tells the mission what becomes of it."""

    def __init__(self, node: Node, mission: Mission, say: Callable[[str], None]):
        """Make the action client on `node`; `say` shows a line."""
        self._client = ActionClient(node, DeployRover, 'deploy_rover')
        self._mission, self._say = mission, say
        self._stage: int | None = None

    def send_when_wanted(self, flight_time: float) -> None:
        """Send the goal if the mission wants it and the server is there."""
        if self._mission.wants_rover and self._client.server_is_ready():
            self._mission.rover_asked(flight_time)
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

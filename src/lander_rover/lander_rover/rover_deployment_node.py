"""Rover deployment: action server deploy_rover, from the interlocks to the first image.

Driven by navigation_status and rover/odometry, whose stamps are its time; also hears guidance_status,
odometry, battery and rover/image. Publishes rover/release, rover/drive, rover/take_image, /diagnostics.
A refused goal ends as aborted, with an error code and the reason.
"""

import math
from typing import Any

from rclpy.action import ActionServer, CancelResponse
from rclpy.task import Future

from lander_common.ros.diagnostics import OK, STALE, WARN, Diagnostics
from lander_common.ros.lifecycle import HardwareNode
from lander_common.ros.node import run
from lander_common.ros.parameters import declare
from lander_msgs.action import DeployRover
from lander_rover.deployment import Commands, Deployment, Outcome
from lander_rover.hardware_node import Hardware
from lander_rover.interlocks import Code
from lander_rover.parameters import RoverParameters
from lander_rover.surroundings_node import Surroundings

FEEDBACK_PERIOD_S = 1.0


class RoverDeploymentNode(HardwareNode):
    """Runs one deployment at a time."""

    def __init__(self, **arguments: Any):
        """Declare parameters and topics, and start if `autostart` says so."""
        super().__init__('rover_deployment', **arguments)
        self._parameters = declare(self, RoverParameters)
        self._deployment: Deployment | None = None
        self._goal: Any = None
        self._ended: Future | None = None  # done when the deployment is
        self._told = (None, -math.inf)  # stage and time of the last feedback
        self._last: Outcome | None = None
        self._hardware = Hardware(self)
        self._diagnostics = Diagnostics(self, hardware_id='rover')
        self._around = Surroundings(self, self._advance)
        self._server = ActionServer(self, DeployRover, 'deploy_rover', self._deploy,
                                    cancel_callback=self._on_cancel)
        if self._parameters.autostart:
            self.autostart()

    def destroy_node(self) -> None:
        """Stop the rover and end the node."""
        if self._deployment is not None:
            self._hardware.command(Commands())
        self._server.destroy()
        super().destroy_node()

    def on_deactivate(self, state: Any) -> Any:
        """Stop a running deployment."""
        if self._deployment is not None:
            self._deployment.cancel()
            self._finish()
        return super().on_deactivate(state)

    async def _deploy(self, goal: Any) -> DeployRover.Result:
        refused = self._refused()
        if refused is None:
            try:
                deployment = Deployment(self._parameters, self._around.time, goal.request.drive_distance_m)
            except ValueError as error:
                refused = Outcome(Code.DRIVE_FAILED, str(error))
        if refused is not None:
            goal.abort()
            return _result(refused, 0.0)
        self._deployment, self._goal, self._ended = deployment, goal, Future(executor=self.executor)
        self._around.watch_rate()
        self._advance()
        await self._ended
        if deployment.outcome.success:
            goal.succeed()
        elif goal.is_cancel_requested:
            goal.canceled()
        else:
            goal.abort()
        return _result(deployment.outcome, deployment.distance_m)

    def _refused(self) -> Outcome | None:
        if not self.active:
            return Outcome(Code.NOT_ACTIVE, 'the node rover_deployment is not active')
        if self._deployment is not None:
            return Outcome(Code.BUSY, 'a deployment is under way')
        if self._around.time == -math.inf:
            return Outcome(Code.NOT_LANDED, 'no navigation status has been received')
        return None

    def _on_cancel(self, goal: Any) -> CancelResponse:
        if self._deployment is None:
            return CancelResponse.REJECT
        self._deployment.cancel()
        # In a task: only after this callback the goal is in the state that `canceled` needs.
        self.executor.create_task(self._finish)
        return CancelResponse.ACCEPT

    def _advance(self) -> None:
        deployment, around = self._deployment, self._around
        if deployment is not None and deployment.outcome is None:
            self._hardware.command(deployment.step(around.time, around.lander, around.rover))
            if deployment.outcome is not None:
                self._finish()
            elif deployment.stage != self._told[0] or around.time - self._told[1] >= FEEDBACK_PERIOD_S:
                self._tell(deployment)
        self._report()

    def _finish(self) -> None:
        deployment, self._deployment = self._deployment, None
        if deployment is not None:
            self._last = deployment.outcome
            self._hardware.command(Commands())
            self._tell(deployment)
            self._ended.set_result(None)

    def _tell(self, deployment: Deployment) -> None:
        self._told = (deployment.stage, self._around.time)
        self._goal.publish_feedback(DeployRover.Feedback(
            stage=int(deployment.stage), detail=deployment.detail, progress=deployment.progress))

    def _report(self) -> None:
        if not self.active:
            level, text = STALE, 'not active'
        elif self._deployment is not None:
            level, text = OK, self._deployment.detail
        elif self._last is not None:
            level, text = OK if self._last.success else WARN, self._last.message
        else:
            level, text = OK, 'ready'
        self._diagnostics.update(self._around.time, level, text, battery=self._around.lander.battery)


def _result(outcome: Outcome, distance_m: float) -> DeployRover.Result:
    return DeployRover.Result(success=outcome.success, error_code=int(outcome.code), message=outcome.message,
                              distance_m=distance_m)


def main() -> None:
    """Run the node."""
    run(RoverDeploymentNode)


if __name__ == '__main__':
    main()

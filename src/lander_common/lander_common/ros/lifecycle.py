"""Lifecycle nodes that can start themselves and survive an illegal transition request."""

from rclpy.impl.implementation_singleton import rclpy_implementation as _rclpy
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn

from lander_common.transport import TransportError

SUCCESS, FAILURE = TransitionCallbackReturn.SUCCESS, TransitionCallbackReturn.FAILURE


class HardwareNode(LifecycleNode):
    """A node that owns hardware: open it in on_configure, use it while active, let go of it in _release."""

    def autostart(self) -> bool:
        """Configure and activate; return whether the node is active now."""
        return self.trigger_configure() == SUCCESS and self.trigger_activate() == SUCCESS

    @property
    def active(self) -> bool:
        """Whether the node is in the state `active`."""
        return self._state_machine.current_state[1] == 'active'

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Let go of the hardware."""
        self._release()
        return SUCCESS

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Let go of the hardware."""
        self._release()
        return SUCCESS

    def _release(self) -> None:
        """Make the hardware safe, close and forget it. A node that holds nothing open leaves it at this."""

    def _LifecycleNodeMixin__on_change_state(self, request, response):  # noqa: N802
        # rclpy 7.1.6 lets an illegal request end the node with RCLError; refuse it instead.
        try:
            return super()._LifecycleNodeMixin__on_change_state(request, response)
        except _rclpy.RCLError as error:
            state = self._state_machine.current_state[1]
            self.get_logger().warn(f'transition {request.transition.id} refused in state {state}: {error}')
            response.success = False
            return response


class LinkNode(HardwareNode):
    """A node with a driver on a byte link, which is open while the node is configured."""

    _driver = None

    def _make_driver(self) -> object:
        """Return a new driver, with `open` and `close`."""
        raise NotImplementedError

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Open the link; if that fails now, the active node goes on trying."""
        self._driver = self._make_driver()
        try:
            self._driver.open()
        except TransportError as error:
            self.get_logger().warn(f'{error}; trying again while active')
        return SUCCESS

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Close the link, so that the other end knows that nobody listens any more."""
        self._driver.close()
        return super().on_deactivate(state)

    def _release(self) -> None:
        if self._driver is not None:
            self._driver.close()
            self._driver = None

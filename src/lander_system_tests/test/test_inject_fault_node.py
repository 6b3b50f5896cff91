"""Faults from outside, by the service `inject_fault`, while the lander coasts."""

import time

import pytest
import rclpy
from rclpy.experimental.events_executor import EventsExecutor

from lander_msgs.srv import InjectFault
from lander_system_tests.flight import flying

pytestmark = pytest.mark.timeout(180)

PATIENCE_S = 60.0  # [s] for a start
ANSWER_S = 15.0


@pytest.fixture(scope='module')
def flight(tmp_path_factory):
    """A flight that gives time to inject faults: 20 times real time, in the coast too."""
    with flying(tmp_path_factory.mktemp('flights'), '--compose', '--no-record',
                parameters={'simulator': {'rate': 20.0, 'coast_rate': 20.0}}) as flight:
        flight.wait_for('DEORBIT: ', PATIENCE_S)
        yield flight


@pytest.fixture(scope='module')
def inject(flight):
    """Call the service; return its answer."""
    context = rclpy.Context()
    rclpy.init(context=context)
    node = rclpy.create_node('fault_injector', context=context)
    executor = EventsExecutor(context=context)
    executor.add_node(node)
    client = node.create_client(InjectFault, 'inject_fault')
    end = time.monotonic() + PATIENCE_S
    while not client.service_is_ready():
        assert time.monotonic() < end, 'no service inject_fault'
        executor.spin_once(timeout_sec=0.1)

    def call(**request) -> InjectFault.Response:
        future = client.call_async(InjectFault.Request(**request))
        executor.spin_until_future_complete(future, timeout_sec=ANSWER_S)
        assert future.done(), 'no answer:\n' + flight.output
        return future.result()
    yield call
    executor.shutdown()
    node.destroy_node()
    rclpy.try_shutdown(context=context)


def test_fault_is_accepted_and_told_with_its_cause(flight, inject):
    answer = inject(target='imu', kind='noise', value=2.0, duration_s=1.0)
    assert answer.accepted, answer.message
    flight.wait_for('fault: imu noise 2 (service)', ANSWER_S)
    flight.wait_for('end of fault: imu noise 2', ANSWER_S)


@pytest.mark.parametrize(('target', 'kind', 'said'), [
    ('radio', 'noise', 'rangefinder, imu, '),
    ('imu', 'stuck_off', 'with kind stuck_off, thruster/NAME'),
    ('thruster/none', 'weak', 'thruster/NAME with NAME one of main'),
    ('node/guidance', 'noise', 'for a node, kill')])
def test_impossible_fault_is_refused_with_what_is_allowed(inject, target, kind, said):
    answer = inject(target=target, kind=kind)
    assert not answer.accepted
    assert said in answer.message


def test_value_that_is_no_number_is_refused(flight, inject):
    answer = inject(target='imu', kind='bias', value=float('nan'))
    assert not answer.accepted
    assert flight.process.poll() is None, flight.output

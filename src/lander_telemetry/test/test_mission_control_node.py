"""Mission control as a real process, over real DDS, with a flight and a rover server made by the test."""

import json
import math
import time

import pytest
from rclpy.action import ActionServer
from rclpy.experimental.events_executor import EventsExecutor
from rclpy.task import Future
from std_srvs.srv import SetBool

from lander_common.ros.qos import EVENTS, LATCHED, RING, STATUS
from lander_common.ros.time import to_stamp
from lander_msgs.action import DeployRover
from lander_msgs.msg import FaultEvent, GuidanceStatus, NavigationStatus, RangeSample, TouchdownReport

from .conftest import VEHICLE, wait_for


class Flight:
    """Publishes a flight; `rover` is the result of the deployment, None for no server."""

    def __init__(self, node, rover):
        self.node, self.goals, self.order = node, 0, []
        self.guidance = node.create_publisher(GuidanceStatus, 'guidance_status', STATUS)
        self.navigation = node.create_publisher(NavigationStatus, 'navigation_status', RING)
        self.ranges = node.create_publisher(RangeSample, 'rangefinder/range_sample', RING)
        self.touchdown = node.create_publisher(TouchdownReport, 'truth/touchdown', LATCHED)
        self.faults = node.create_publisher(FaultEvent, 'faults', EVENTS)
        self.executor = EventsExecutor(context=node.context)
        self.executor.add_node(node)
        self.server = rover and ActionServer(
            node, DeployRover, 'deploy_rover', lambda goal: self.deploy(goal, rover))
        self.time = 1000.0

    def deploy(self, goal, result):
        self.goals += 1
        self.order.append('goal')
        goal.publish_feedback(DeployRover.Feedback(stage=2, detail='driving off 2 m'))
        goal.succeed() if result.success else goal.abort()
        return result

    def fly(self, phase, seconds=1.0, reason='because'):
        for _ in range(round(seconds / 0.1)):
            self.time += 0.1
            stamp = to_stamp(self.time)
            status = NavigationStatus(altitude_m=893.0, altitude_lower_m=850.0, altitude_upper_m=math.nan)
            guidance = GuidanceStatus(phase=phase, reason=reason, propellant_left_kg=85.0)
            shot = RangeSample(range_m=math.nan)
            for message, publisher in ((status, self.navigation), (guidance, self.guidance),
                                       (shot, self.ranges)):
                message.header.stamp = stamp
                publisher.publish(message)
            self.executor.spin_until_future_complete(Future(), timeout_sec=0.005)

    def report(self, result, **values):
        message = TouchdownReport(result=result, reason='made up', realtime_factor=20.0, state_hash='abc',
                                  latency_median_s=0.004, latency_p99_s=math.nan, **values)
        message.header.stamp = to_stamp(self.time)
        self.touchdown.publish(message)

    def fly_until(self, phase, condition):
        """Fly on until `condition()` is true."""
        wait_for(lambda: self.fly(phase, 0.1) or condition())

    def end(self, control, phase):
        """Fly on until mission control ends; return exit code and output."""
        return control.wait(meanwhile=lambda: self.fly(phase, 0.1))

    def close(self):
        self.executor.shutdown()
        if self.server:
            self.server.destroy()


@pytest.fixture
def flight(node, request):
    made = Flight(node, getattr(request, 'param', None))
    yield made
    made.close()


@pytest.fixture
def control(tmp_path, node_process, flight):
    def start(**parameters):
        given = {'flight_dir': tmp_path, 'vehicle_file': VEHICLE, 'scenario': 'made_up', 'seed': 7}
        process = node_process('mission_control_node', {**given, **parameters})
        # A first message may get lost while the two sides still find each other: fly until one is shown.
        flight.fly_until(GuidanceStatus.PHASE_BRAKING, lambda: 'BRAKING: because' in process.output)
        flight.fly_until(GuidanceStatus.PHASE_BRAKING, lambda: 'alt 893 m' in process.output)
        return process
    return start


def summary(folder):
    return json.loads((folder / 'summary.json').read_text())


DEPLOYED = DeployRover.Result(success=True, message='deployed: 2.00 m driven')
REFUSED = DeployRover.Result(error_code=DeployRover.Result.TILT, message='the lander is tilted by 20.0 deg')


@pytest.mark.parametrize('flight', [DEPLOYED], indirect=True)
def test_good_flight(flight, control, tmp_path):
    (tmp_path / 'bag').mkdir()
    process = control()
    wait_for(lambda: flight.faults.get_subscription_count())
    flight.faults.publish(FaultEvent(target='rangefinder', kind='no_return', value=math.nan, active=True,
                                     cause='scenario'))
    flight.fly(GuidanceStatus.PHASE_TERMINAL, 40.0, 'upright above the ground')
    flight.fly(GuidanceStatus.PHASE_LANDED)
    flight.report(TouchdownReport.RESULT_LANDED, vertical_speed_m_s=1.5, tilt_rad=0.01,
                  distance_from_target_m=40.0, propellant_left_kg=80.0)
    code, output = flight.end(process, GuidanceStatus.PHASE_LANDED)
    assert code == 0 and flight.goals == 1, output
    for text in ('BRAKING: because', 'TERMINAL: upright above the ground', 'fault: rangefinder no_return',
                 'rover: driving off 2 m', 'rover: deployed: 2.00 m driven', 'PASSED',
                 f'bag: {tmp_path}/bag'):
        assert text in output
    assert 'alt 893 m [850 m, --]' in output and 'no return' in output
    read = summary(tmp_path)
    assert read['passed'] and read['rover_deployed'] and read['result'] == 'landed'
    assert (read['scenario'], read['vehicle'], read['seed']) == ('made_up', 'resilience', 7)
    assert read['latency_range_to_thruster_ms'] == {'median': 4.0, 'p99': None}
    assert read['touchdown']['tilt_deg'] == pytest.approx(math.degrees(0.01))
    assert read['faults'][0]['value'] is None and read['faults'][0]['target'] == 'rangefinder'


@pytest.mark.parametrize('flight', [DEPLOYED], indirect=True)
@pytest.mark.parametrize('obeys', [True, False])
def test_the_inhibit_is_taken_off_after_the_landing_and_before_the_goal(flight, control, tmp_path, obeys):
    def take(request, response):
        flight.order.append(request.data)
        response.success, response.message = obeys, 'the node is not active'
        return response
    flight.node.create_service(SetBool, 'rover/set_inhibit', take)
    process = control(lift_inhibit=True)
    flight.fly(GuidanceStatus.PHASE_TERMINAL, 1.0)
    assert flight.order == []
    flight.fly(GuidanceStatus.PHASE_LANDED)
    flight.report(TouchdownReport.RESULT_LANDED)
    code, output = flight.end(process, GuidanceStatus.PHASE_LANDED)
    if obeys:
        assert (code, flight.order) == (0, [False, 'goal']), output
        assert 'rover: the inhibit of the release is off' in output
    else:
        assert (code, flight.order) == (1, [False]), output
        assert summary(tmp_path)['reason'] == 'made up; the inhibit stays on: the node is not active'


@pytest.mark.parametrize('flight', [REFUSED], indirect=True)
def test_refused_rover_is_not_passed(flight, control, tmp_path):
    process = control()
    flight.fly(GuidanceStatus.PHASE_LANDED)
    flight.report(TouchdownReport.RESULT_LANDED)
    code, output = flight.end(process, GuidanceStatus.PHASE_LANDED)
    assert code == 1 and 'rover: the lander is tilted by 20.0 deg' in output, output
    assert not summary(tmp_path)['passed'] and summary(tmp_path)['result'] == 'landed'
    assert summary(tmp_path)['reason'] == 'made up; the lander is tilted by 20.0 deg'


def test_crash(flight, control, tmp_path):
    process = control()
    flight.fly(GuidanceStatus.PHASE_TERMINAL)
    flight.report(TouchdownReport.RESULT_CRASHED, vertical_speed_m_s=66.0)
    code, output = flight.end(process, GuidanceStatus.PHASE_TERMINAL)
    assert code == 1 and 'NOT PASSED' in output
    assert summary(tmp_path)['result'] == 'crashed'
    assert summary(tmp_path)['touchdown']['vertical_speed_m_s'] == 66.0


def test_without_rover_and_folder(flight, control, tmp_path):
    process = control(deploy_rover=False, flight_dir="''")
    flight.fly(GuidanceStatus.PHASE_LANDED)
    flight.report(TouchdownReport.RESULT_LANDED)
    assert flight.end(process, GuidanceStatus.PHASE_LANDED)[0] == 0
    assert not (tmp_path / 'summary.json').exists()


def test_no_server_is_not_passed(flight, control, tmp_path):
    process = control(server_timeout_s=0.5)
    flight.fly(GuidanceStatus.PHASE_LANDED)
    flight.report(TouchdownReport.RESULT_LANDED)
    assert flight.end(process, GuidanceStatus.PHASE_LANDED)[0] == 1
    assert 'there is no deploy_rover server' in summary(tmp_path)['reason']


def test_a_folder_that_cannot_be_made_is_refused_before_the_flight(node_process, tmp_path):
    (tmp_path / 'file').touch()
    process = node_process('mission_control_node', {
        'flight_dir': tmp_path / 'file' / 'flight', 'vehicle_file': VEHICLE})
    code, output = process.wait()
    assert code == 2 and f'{tmp_path}/file/flight' in output and 'Not a directory' in output


def test_a_folder_that_is_lost_during_the_flight_is_reported(flight, control, tmp_path):
    process = control(flight_dir=tmp_path / 'flight', deploy_rover=False)
    flight.fly(GuidanceStatus.PHASE_LANDED)
    (tmp_path / 'flight').rmdir()
    flight.report(TouchdownReport.RESULT_LANDED)
    code, output = flight.end(process, GuidanceStatus.PHASE_LANDED)
    assert code == 0 and 'summary is not written (No such file or directory)' in output


def test_nothing_heard(node_process, tmp_path):
    begin = time.monotonic()
    tmp_path /= 'new/folder'
    process = node_process('mission_control_node', {
        'flight_dir': tmp_path, 'vehicle_file': VEHICLE, 'silence_timeout_s': 1.0})
    code, output = process.wait()
    assert code == 3 and 'no data' in output
    assert summary(tmp_path)['result'] == 'no_data' and not summary(tmp_path)['passed']
    assert time.monotonic() - begin > 1.0


def test_bad_vehicle_file(node_process, tmp_path):
    process = node_process('mission_control_node', {'vehicle_file': tmp_path / 'none.yaml'})
    code, output = process.wait()
    assert code == 2 and 'none.yaml' in output

"""The node over DDS, with a ring that is one small node: steps, repeats, time-outs, faults, bad files."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

rclpy = pytest.importorskip('rclpy')

from nav_msgs.msg import Odometry  # noqa: E402
from rclpy.experimental.events_executor import EventsExecutor  # noqa: E402
from rclpy.node import Node  # noqa: E402
from rosgraph_msgs.msg import Clock  # noqa: E402
from sensor_msgs.msg import Imu  # noqa: E402

from lander_common.ros.qos import LATCHED, RING, STATUS  # noqa: E402
from lander_common.ros.time import to_seconds  # noqa: E402
from lander_common.transport import open_transport  # noqa: E402
from lander_msgs.msg import (  # noqa: E402
    AttitudeFix,
    FaultEvent,
    GuidanceStatus,
    ThrusterCommand,
    TouchdownReport,
)
from lander_msgs.srv import InjectFault  # noqa: E402
from lander_sim.simulator_node import SimulatorNode  # noqa: E402

CONFIG = Path(__file__).parents[3] / 'config'
FILES = {
    'vehicle_file': CONFIG / 'vehicles/resilience.yaml',
    'site_file': CONFIG / 'sites/mare_frigoris.yaml',
    'scenario_file': CONFIG / 'scenarios/nominal.yaml',
    'sensors_file': CONFIG / 'sensors/resilience.yaml',
    'rangefinder_link': 'memory:nobody',  # no driver that would be waited for
}
LINK = f'unix:@frigoris-test-{os.getpid()}'
WAITING = 'import sys; print(flush=True); sys.stdin.read()'


class Ring(Node):
    """Answers each imu sample with a command, as long as it is told to; keeps everything it hears."""

    def __init__(self):
        super().__init__('ring')
        self.answering, self.on_time, self.times, self.attitudes = True, [], [], []
        self.faults, self.reports, self.clocks, self.truth, self.told = [], [], [], [], []
        self._command = self.create_publisher(ThrusterCommand, 'thrusters/command', RING)
        self.guidance = self.create_publisher(GuidanceStatus, 'guidance_status', STATUS)
        self.inject = self.create_client(InjectFault, 'inject_fault')
        listen = self.create_subscription
        listen(AttitudeFix, 'star_tracker', self.attitudes.append, RING)
        listen(FaultEvent, 'faults', self.faults.append, STATUS)
        listen(TouchdownReport, 'truth/touchdown', self.reports.append, LATCHED)
        listen(Clock, '/clock', self.clocks.append, RING)
        listen(Odometry, 'truth/odometry', self.truth.append, STATUS)
        listen(Odometry, 'state_vector', self.told.append, LATCHED)
        listen(Imu, 'imu', self._on_imu, RING)

    def _on_imu(self, message):
        self.times.append(to_seconds(message.header.stamp))
        if self.answering:
            self._command.publish(ThrusterCommand(header=message.header, on_time_s=self.on_time))


class Graph:
    """The simulator and the ring, spun by one executor."""

    def __init__(self, **parameters):
        given = FILES | parameters
        rclpy.init(args=['--ros-args', *(a for k, v in given.items() for a in ('-p', f'{k}:={v}'))])
        self.ring = Ring()
        self.ring.on_time = [0.0] * 15
        self.executor = EventsExecutor()
        self.executor.add_node(self.ring)
        self.simulator = SimulatorNode()
        self.executor.add_node(self.simulator)

    def wait(self, condition, timeout=20.0):
        end = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < end, 'nothing came'
            self.executor.spin_once(timeout_sec=0.05)

    def inject(self, **request):
        self.wait(self.ring.inject.service_is_ready)
        future = self.ring.inject.call_async(InjectFault.Request(**request))
        self.wait(future.done)
        return future.result()

    def close(self):
        self.simulator.simulation.link.close()
        self.executor.shutdown()
        self.simulator.destroy_node()
        self.ring.destroy_node()


@pytest.fixture
def graph(tmp_path):
    made = []

    def make(scenario='', **parameters):
        if scenario:
            (tmp_path / 'flight.yaml').write_text(scenario)
            parameters['scenario_file'] = tmp_path / 'flight.yaml'
        made.append(Graph(**parameters))
        return made[0]
    yield make
    for g in made:
        g.close()
    rclpy.try_shutdown()


def test_the_ring_steps_the_world(graph):
    graph = graph()
    ring = graph.ring
    graph.wait(lambda: len(ring.times) > 30 and ring.told)
    steps = ring.times[ring.times.count(0.0) - 1:]
    assert steps == pytest.approx(range(len(steps)), abs=1e-9), 'each second of coast once'
    assert to_seconds(ring.attitudes[-1].header.stamp) in steps
    assert to_seconds(ring.clocks[-1].clock) in steps
    assert ring.truth[-1].header.frame_id == ring.told[0].header.frame_id == 'map'
    ring.on_time = [1.0] + [0.0] * 14
    graph.wait(lambda: ring.times[-1] - ring.times[-2] < 0.101)


def test_the_first_sample_is_repeated_until_the_ring_answers(graph):
    graph = graph()
    ring = graph.ring
    ring.answering = False
    graph.wait(lambda: len(ring.times) >= 4)
    assert set(ring.times) == {0.0}
    ring.answering = True
    graph.wait(lambda: ring.times[-1] > 5.5)
    assert ring.times[ring.times.count(0.0):] == pytest.approx([1, 2, 3, 4, 5, 6]), 'no cycle flown twice'


def test_the_start_waits_for_the_range_finder_and_its_link(graph):
    graph = graph(step_timeout_s=30.0, rangefinder_link=LINK)
    ring, link, clients = graph.ring, graph.simulator.simulation.link, []

    def drive():  # held up by a busy machine, it opens the link late
        clients.append(open_transport(link.url))
        clients[0].write(b'question')
        clients[0].acted(100.0)
    end = time.monotonic() + 3.0
    while time.monotonic() < end:  # the ring is there for long
        graph.executor.spin_once(timeout_sec=0.05)
    assert not ring.times, 'it set out without its range finder'
    rangefinder = Node('rangefinder')
    rangefinder.create_subscription(Imu, 'imu', lambda _: None, RING)
    later = threading.Timer(1.0, drive)
    graph.wait(lambda: ring.times)
    later.start()
    graph.wait(lambda: clients)
    later.join()
    assert set(ring.times) == {0.0}, 'it flew on before the range finder had acted'
    graph.wait(lambda: 2.0 in ring.times)
    clients[0].close()
    rangefinder.destroy_node()


def test_without_an_answer_the_flight_goes_on_and_counts(graph):
    graph = graph('limits: {time_s: 20}', step_timeout_s=0.2)
    ring = graph.ring
    graph.wait(lambda: ring.times and ring.times[-1] >= 3.0)
    ring.answering = False
    silent = ring.times[-1]
    graph.wait(lambda: ring.times[-1] >= silent + 3.0)
    ring.answering = True
    graph.wait(lambda: ring.reports)
    report = ring.reports[0]
    assert report.result == TouchdownReport.RESULT_TIMEOUT
    assert report.reason == 'not at rest after 20 s of flight'
    assert 2 <= report.late_cycles <= 18
    assert len(report.state_hash) == 64


def test_faults_can_be_injected(graph):
    graph = graph()
    answer = graph.inject(target='rangefinder', kind='loss_db', value=10.5, duration_s=3.0)
    assert (answer.accepted, answer.message) == (True, '')
    graph.wait(lambda: len(graph.ring.faults) == 2)
    start, end = graph.ring.faults
    assert (start.target, start.kind, start.value, start.active) == ('rangefinder', 'loss_db', 10.5, True)
    assert (end.target, end.active) == ('rangefinder', False)
    assert to_seconds(end.header.stamp) - to_seconds(start.header.stamp) == pytest.approx(3.0)


@pytest.mark.parametrize('request_, reason', [
    ({'target': 'radar', 'kind': 'noise'}, 'allowed is rangefinder, imu, star_tracker, ground_velocity'),
    ({'target': 'thruster/aft', 'kind': 'weak'}, 'NAME one of main, assist_1'),
    ({'target': 'node/guidance', 'kind': 'bias'}, 'allowed is for a node, kill'),
])
def test_impossible_faults_are_refused_with_the_reason(graph, request_, reason):
    answer = graph().inject(**request_)
    assert not answer.accepted
    assert reason in answer.message


@pytest.mark.parametrize('kind, value, duration, named', [
    ('bias', float('nan'), 0.0, 'value = nan'), ('loss_db', -3.0, 0.0, 'how.value = -3.0'),
    ('bias', 1.0, -1.0, 'duration_s = -1.0'), ('bias', 1.0, float('nan'), 'duration_s = nan')])
def test_a_value_that_makes_no_sense_is_refused(graph, kind, value, duration, named):
    graph = graph()
    graph.wait(lambda: graph.ring.times and graph.ring.times[-1] >= 1.0)
    answer = graph.inject(target='rangefinder', kind=kind, value=value, duration_s=duration)
    assert not answer.accepted
    assert named in answer.message
    seen = graph.ring.times[-1]
    graph.wait(lambda: graph.ring.times[-1] > seen + 2.0)


def test_an_unknown_phase_of_guidance_is_borne(graph):
    graph = graph()
    graph.wait(lambda: graph.ring.times)
    graph.ring.guidance.publish(GuidanceStatus(phase=99))
    graph.wait(lambda: graph.ring.times[-1] > 20.0)


def test_the_event_of_an_injected_fault_says_so(graph):
    graph = graph()
    graph.inject(target='imu', kind='bias', value=0.1)
    graph.wait(lambda: graph.ring.faults)
    assert graph.ring.faults[0].cause == 'service'


def test_the_phase_of_guidance_starts_a_fault_and_a_kill_fault_kills(graph):
    victim = subprocess.Popen([sys.executable, '-c', WAITING, '-r', '__node:=rover_deployment'],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        victim.stdout.readline()
        graph = graph('faults: [{when: {phase: TERMINAL}, what: node/rover_deployment, how: {kind: kill}}]')
        graph.wait(lambda: graph.ring.times and graph.ring.times[-1] > 3.0)
        assert not graph.ring.faults
        graph.ring.guidance.publish(GuidanceStatus(phase=GuidanceStatus.PHASE_TERMINAL))
        graph.wait(lambda: graph.ring.faults)
        assert (graph.ring.faults[0].kind, graph.ring.faults[0].cause) == ('kill', 'scenario')
        assert victim.wait(10.0) == -9
    finally:
        victim.communicate()


def run_alone(**given):
    """Run the node until it ends by itself."""
    program = [sys.executable, '-m', 'lander_sim.simulator_node', '--ros-args']
    arguments = [a for name, value in (FILES | given).items() for a in ('-p', f'{name}:={value}')]
    return subprocess.run([*program, *arguments], capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize('name, content, message', [
    ('vehicle_file', None, 'no such file'),
    ('scenario_file', 'start: {altitude_m: 1}', 'start.altitude_m = 1.0: allowed is a number from 5000'),
    ('scenario_file', 'terrain: {kind: file, file: none.tif}', 'none.tif: no such terrain file in '),
    ('sensors_file', 'lidar: {}', 'lidar = {}: allowed is a mapping named one of imu'),
])
def test_bad_files_end_the_process_with_a_clear_error(tmp_path, name, content, message):
    file = tmp_path / f'{name}.yaml'
    if content:
        file.write_text(content)
    result = run_alone(**{name: file})
    assert result.returncode == 2
    assert result.stderr.startswith('error: ')
    assert message in result.stderr
    assert str(tmp_path) in result.stderr
    assert 'Traceback' not in result.stderr


@pytest.mark.parametrize('name, value', [('rangefinder_link', 'bogus:x'), ('vehicle_file', "''")])
def test_bad_parameters_end_the_process_with_their_name(name, value):
    result = run_alone(**{name: value})
    assert result.returncode == 2
    assert name in result.stderr
    assert 'Traceback' not in result.stderr


def test_a_busy_link_ends_the_process_with_its_name(graph):
    graph(rangefinder_link=LINK)
    result = run_alone(rangefinder_link=LINK)
    assert result.returncode == 2
    assert 'rangefinder_link = ' in result.stderr
    assert 'in use' in result.stderr

"""One nominal flight as a user makes it, a process for each node, recorded; and everything it has to show."""

import subprocess
from math import inf

import numpy as np
import pytest
from rosbags.highlevel import AnyReader

from lander_bringup import places
from lander_common.moon import height
from lander_common.ros.time import to_seconds
from lander_common.site import load_site
from lander_sim.world_step import HIGH
from lander_system_tests.bag import Bag
from lander_system_tests.flight import FlightResult

pytestmark = pytest.mark.timeout(1200)  # the first test waits for the flight

PHASES = ['DEORBIT', 'COAST', 'BRAKING', 'PITCH_UP', 'TERMINAL', 'TOUCHDOWN', 'LANDED']
WAIT, BRAKING, TOUCHDOWN = 0, 3, 6  # GuidanceStatus
LOSS = 1e-3  # share of messages that a recorder on a busy machine may miss

NUMBER = (int, float)
SUMMARY = {
    'passed': bool, 'scenario': str, 'vehicle': str, 'seed': int, 'rover_deployed': bool,
    'touchdown': dict.fromkeys(
        ('vertical_speed_m_s', 'horizontal_speed_m_s', 'tilt_deg', 'rate_deg_s', 'distance_from_target_m',
         'propellant_left_kg'), NUMBER),
    'realtime_factor': NUMBER, 'latency_range_to_thruster_ms': {'median': NUMBER, 'p99': NUMBER},
    'late_cycles': int, 'state_hash': str, 'bag': str, 'result': str, 'reason': str, 'faults': list}

TYPES = {
    '/clock': 'rosgraph_msgs/msg/Clock', '/state_vector': 'nav_msgs/msg/Odometry',
    '/imu': 'sensor_msgs/msg/Imu', '/star_tracker': 'lander_msgs/msg/AttitudeFix',
    '/ground_velocity': 'geometry_msgs/msg/TwistWithCovarianceStamped',
    '/contact': 'lander_msgs/msg/ContactState', '/rangefinder/range_sample': 'lander_msgs/msg/RangeSample',
    '/rangefinder/range': 'sensor_msgs/msg/Range', '/odometry': 'nav_msgs/msg/Odometry',
    '/navigation_status': 'lander_msgs/msg/NavigationStatus',
    '/aid_source_status': 'lander_msgs/msg/AidSourceStatus', '/wrench': 'geometry_msgs/msg/WrenchStamped',
    '/guidance_status': 'lander_msgs/msg/GuidanceStatus',
    '/thrusters/command': 'lander_msgs/msg/ThrusterCommand',
    '/thrusters/status': 'lander_msgs/msg/ThrusterStatus', '/truth/odometry': 'nav_msgs/msg/Odometry',
    '/truth/touchdown': 'lander_msgs/msg/TouchdownReport', '/faults': 'lander_msgs/msg/FaultEvent',
    '/rover/release': 'std_msgs/msg/Bool', '/rover/drive': 'geometry_msgs/msg/Twist',
    '/rover/odometry': 'nav_msgs/msg/Odometry', '/rover/image': 'sensor_msgs/msg/Image',
    '/diagnostics': 'diagnostic_msgs/msg/DiagnosticArray'}
MAY_BE_SILENT = {'/faults'}
RING = ('/imu', '/odometry', '/wrench', '/thrusters/command')
# [Hz] in powered flight; of two, the first 3 km or more above the landing site
RATES = {**dict.fromkeys(RING, (10.0, 50.0)), '/contact': (2.0, 10.0), '/clock': 10.0,
         '/navigation_status': 10.0, '/guidance_status': 10.0, '/thrusters/status': 10.0,
         '/truth/odometry': 10.0, '/star_tracker': 5.0, '/rangefinder/range_sample': 5.0,
         '/rangefinder/range': 5.0}


@pytest.fixture(scope='module')
def bag(nominal) -> Bag:
    return Bag(nominal.bag_file)


@pytest.fixture(scope='module')
def phase_times(bag) -> dict[int, float]:
    """Flight time [s] at which guidance first reported each phase."""
    times: dict[int, float] = {}
    for status in bag.messages('/guidance_status'):
        stamp = status.header.stamp
        times[status.phase] = min(times.get(status.phase, inf), stamp.sec + 1e-9 * stamp.nanosec)
    return times


def test_flight_passes(nominal: FlightResult):
    assert nominal.returncode == 0, nominal.output
    assert nominal.summary['passed'] is True
    assert nominal.summary['result'] == 'landed'
    assert nominal.left_behind == []


def test_limits(nominal):
    """The limits of the project, whatever the vehicle file allows."""
    down = nominal.summary['touchdown']
    assert 0.0 < down['vertical_speed_m_s'] <= 2.0
    assert 0.0 <= down['horizontal_speed_m_s'] <= 0.5
    assert 0.0 <= down['tilt_deg'] <= 5.0
    assert 0.0 <= down['distance_from_target_m'] <= 500.0
    assert down['propellant_left_kg'] > 0.0
    assert nominal.summary['rover_deployed'] is True


def _check(value, shape, name=''):
    if isinstance(shape, dict):
        assert set(value) == set(shape), name
        for key, part in shape.items():
            _check(value[key], part, key)
    else:
        assert isinstance(value, shape), (name, value)
        assert shape is bool or not isinstance(value, bool), (name, value)


def test_summary(nominal):
    summary = nominal.summary
    _check(summary, SUMMARY)
    assert (summary['scenario'], summary['vehicle'], summary['seed']) == ('nominal', 'resilience', 1)
    assert summary['bag'] == str(nominal.bag)
    assert len(summary['state_hash']) == 64
    assert summary['realtime_factor'] > 0.0
    latency = summary['latency_range_to_thruster_ms']
    assert 0.0 < latency['median'] <= latency['p99']


def test_screen_tells_the_phases_and_the_verdict(nominal):
    assert nominal.phases in (PHASES, PHASES[1:]), 'mission control may be found after the first seconds only'
    rows = [line for line in nominal.output.splitlines() if line.rstrip().endswith('PASS │')]
    for name in ('Result', 'Vertical speed', 'Horizontal speed', 'Tilt', 'Rate', 'Distance from target',
                 'Rover'):
        assert any(f'│ {name} ' in row for row in rows), name
    assert 'FAIL' not in nominal.output
    assert 'error' not in nominal.output.lower()
    assert f'bag: {nominal.bag}' in nominal.output


def test_folder_of_the_flight(nominal):
    assert nominal.folder.name.endswith('-nominal')
    logs = {file.name for file in (nominal.folder / 'log').iterdir()}
    for node in ('simulator', 'rangefinder', 'state_estimator', 'guidance', 'thruster_allocator',
                 'rover_deployment', 'flight_recorder'):
        assert f'{node}.log' in logs
    text = subprocess.run(['frigoris', 'land', '--help'], capture_output=True, text=True, check=True).stdout
    assert 'logs go to a new folder in flights/' in ' '.join(text.split())


@pytest.mark.parametrize('topic', TYPES)
def test_every_topic_is_recorded(bag, topic):
    assert bag.types.get(topic) == TYPES[topic]
    assert bag.counts[topic] > 0 or topic in MAY_BE_SILENT


@pytest.fixture(scope='module')
def low_since(bag) -> float:
    """Flight time [s] since which the lander was less than 3 km above the landing site."""
    site = load_site(places.launch_file('landing.launch.yaml').parents[1] / 'config/sites/mare_frigoris.yaml')
    for message in bag.messages('/truth/odometry'):
        p = message.pose.pose.position
        if height(site.to_moon(np.array([p.x, p.y, p.z]))) - site.ground_height_m < HIGH:
            return to_seconds(message.header.stamp)
    raise AssertionError('it never came down')


@pytest.mark.parametrize('topic', RATES)
def test_rates_from_braking_to_touchdown(bag, phase_times, low_since, topic):
    high, low = RATES[topic] if isinstance(RATES[topic], tuple) else (RATES[topic], RATES[topic])
    begin, end = phase_times[BRAKING] + 1.0, phase_times[TOUCHDOWN]
    assert len(bag.between(topic, begin, low_since)) == pytest.approx((low_since - begin) * high, rel=0.02)
    assert len(bag.between(topic, low_since, end)) == pytest.approx((end - low_since) * low, rel=0.02)


def test_latched_topics_are_recorded_from_before_the_recorder(bag):
    assert bag.counts['/state_vector'] == 1
    assert bag.counts['/truth/touchdown'] == 2  # the first contact, and at rest


def test_every_odometry_is_answered(bag):
    """By a wrench and a thruster command with the same stamp; the recorder may have missed a few."""
    begin = max(bag.stamps[topic][0] for topic in RING)
    end = min(bag.stamps[topic][-1] for topic in RING)
    sent = {topic: {t for t in bag.stamps[topic].tolist() if begin <= t <= end} for topic in RING}
    everything = set().union(*sent.values())
    for topic in RING:
        assert len(everything - sent[topic]) <= LOSS * len(everything), topic
    assert bag.messages('/truth/touchdown')[-1].late_cycles == 0


def test_stamps_never_repeat_in_the_ring(bag):
    for topic in RING:
        after_start = bag.stamps[topic][bag.stamps[topic] > 5_000_000_000]
        assert np.all(np.diff(after_start) > 0), topic


def test_guidance_waits_for_navigation(bag):
    initialised = min(_time(m) for m in bag.messages('/navigation_status') if m.initialised)
    guided = min(_time(m) for m in bag.messages('/guidance_status') if m.phase != WAIT)
    assert guided >= initialised
    first = bag.stamps['/odometry'][0]
    assert bag.stamps['/wrench'][0] >= first
    assert bag.stamps['/thrusters/command'][0] >= first


def _time(message) -> int:
    return message.header.stamp.sec * 10**9 + message.header.stamp.nanosec


def test_ranges_without_a_return_are_never_zero(bag):
    samples = bag.messages('/rangefinder/range_sample')
    valid = [m.range_m for m in samples if m.validity == 1]
    assert len(valid) > 100
    assert min(valid) > 0.0
    assert all(np.isnan(m.range_m) for m in samples if m.validity == 0)


def test_bag_agrees_with_the_summary(bag, nominal):
    report, down = bag.messages('/truth/touchdown')[-1], nominal.summary['touchdown']
    assert report.state_hash == nominal.summary['state_hash']
    assert report.vertical_speed_m_s == down['vertical_speed_m_s']
    assert report.horizontal_speed_m_s == down['horizontal_speed_m_s']
    assert np.degrees(report.tilt_rad) == pytest.approx(down['tilt_deg'])
    assert report.distance_from_target_m == down['distance_from_target_m']


def test_bag_opens_with_mcap_ros2_support(bag):
    """A message of every recorded topic that has one is decoded, ours included."""
    seen = set()
    for topic in (t for t in TYPES if bag.counts[t]):
        seen.add(next(bag.decoded(topic))[0])
    assert seen >= set(TYPES) - MAY_BE_SILENT


def test_bag_opens_with_rosbags(nominal, bag):
    with AnyReader([nominal.bag]) as reader:
        assert {c.topic: c.msgcount for c in reader.connections} == bag.counts
        assert {c.topic: c.msgtype for c in reader.connections} == bag.types
        for topic in (t for t in TYPES if bag.counts[t]):
            connection = next(c for c in reader.connections if c.topic == topic)
            _, _, data = next(reader.messages([connection]))
            assert reader.deserialize(data, connection.msgtype).__msgtype__ == TYPES[topic]


def test_picture(nominal, tmp_path):
    png = tmp_path / 'flight.png'
    command = ['frigoris', 'picture', str(nominal.folder), '--output', str(png)]
    subprocess.run(command, check=True, timeout=120)
    content = png.read_bytes()
    assert content.startswith(b'\x89PNG\r\n')
    assert len(content) > 50_000

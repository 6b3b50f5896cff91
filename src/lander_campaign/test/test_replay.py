"""A recorded flight through the flight software again: the same bits, unless something is changed."""

import json
import math
import shutil
import signal

import numpy as np
import pytest
from rich.console import Console
from sensor_msgs.msg import Range

from lander_campaign.flight import files
from lander_campaign.replay import player
from lander_campaign.replay.conduct import Plan, conduct
from lander_campaign.replay.faults import SensorFaults, of_scenario, parse
from lander_common import rotations
from lander_common.parameters import ParameterError
from lander_common.ros.time import to_stamp
from lander_common.samples import AttitudeFix, ImuSample, RangeSample, VelocitySample
from lander_common.vehicle import load_vehicle
from lander_common.yaml_file import FileError
from lander_sim import simulator_messages_node as sensors
from lander_telemetry.bag_files import find_files
from lander_telemetry.bag_writer import BagWriter
from lander_telemetry.codec import Codec
from lander_telemetry.playback import read_bag, read_topics

from .recorded_flight import record

# Six seconds of braking, with a range finder that answers: one echo that does not change.
SCENARIO = """
name: recorded
start: {altitude_m: 15000, angle_before_site_deg: 12, arrival_time_s: 300}
limits: {time_s: 6, step_s: 0.05, high_step_s: 0.05}
faults:
- when: {time_s: 0.0}
  what: rangefinder
  how: {kind: stuck, value: 8000.0}
"""
ANSWERS = '/odometry', '/wrench', '/thrusters/command'


@pytest.fixture(scope='module')
def parameters(config, tmp_path_factory):
    folder = tmp_path_factory.mktemp('scenario')
    (folder / 'recorded.yaml').write_text(SCENARIO)
    return files(config, scenario=str(folder / 'recorded'))


@pytest.fixture(scope='module')
def flight(parameters, tmp_path_factory):
    """A flight folder with a bag."""
    folder = tmp_path_factory.mktemp('flight')
    cycles = record(parameters, folder / 'bag')
    assert cycles > 100
    (folder / 'arguments.json').write_text(json.dumps({'vehicle': 'resilience', 'site': 'mare_frigoris'}))
    return folder


@pytest.fixture
def replay(flight, config, tmp_path):
    """Replay with options of Plan; return exit code, replay.json, the new bag and what was on the screen."""
    def run(bag=flight, **options):
        console = Console(record=True, width=120)
        code = conduct(Plan(bag, config, tmp_path / 'replays', **options), console)
        folder = (tmp_path / 'replays' / 'latest').resolve()
        return code, json.loads((folder / 'replay.json').read_text()), folder / 'bag', console.export_text()
    return run


def differing(found):
    return {topic: n['differing'] for topic, n in found['messages'].items()}


def test_every_answer_comes_again_with_the_same_bits(flight, replay):
    code, found, bag, text = replay(require_identical=True)
    assert code == 0, text
    recorded = {topic: topic_.count for topic, (topic_, _) in read_topics(flight).items()}
    for topic in ANSWERS:
        assert found['messages'][topic] == {
            'identical': recorded[topic], 'differing': 0, 'only_recorded': 0, 'only_replayed': 0}
    assert found['identical'] and found['largest_position_difference_m'] == 0.0
    assert (bag.parent / 'replay.png').stat().st_size > 20_000
    assert 'Open loop' in text and 'x real time' in text
    for topic in ('/imu', '/star_tracker', '/rangefinder/range_sample'):
        one, other = ([m.data for m in read_bag(b, (topic,))] for b in (flight, bag))
        assert len(one) > 5 and one == other, topic


def test_the_new_bag_can_be_replayed_itself(replay):
    _, _, bag, _ = replay()
    code, found, _, text = replay(bag, require_identical=True, vehicle='resilience', site='mare_frigoris')
    assert code == 0, text
    assert len(found['messages']) == 7  # it has every answer


def test_another_parameter_changes_the_answers_and_is_named(replay):
    code, found, _, text = replay(settings=('guidance.attitude_gain=0.3',), require_identical=True)
    assert code == 1
    assert differing(found)['/wrench'] > 50 and differing(found)['/odometry'] == 0
    assert 'changed: guidance.attitude_gain=0.3' in text
    assert replay(settings=('guidance.attitude_gain=0.3',))[0] == 0


@pytest.mark.parametrize(('setting', 'message'), [
    ('guidance.no_such=1', 'guidance.no_such'), ('rangefinder.rate_hz=1', 'state_estimator, guidance'),
    ('nothing', 'NODE.PARAMETER=VALUE')])
def test_a_setting_that_cannot_be_is_refused(replay, setting, message):
    with pytest.raises(ParameterError, match=message):
        replay(settings=(setting,))


def test_a_broken_accelerometer_moves_the_estimate_from_its_time_on(flight, replay):
    _, found, bag, text = replay(faults=('imu:bias:0.5@3+1',))
    assert 0.4 < found['largest_velocity_difference_m_s'] < 1.5  # 0.5 m/s^2 for 1 s, each axis
    assert 'T+ 3.00 s  imu bias 0.5 begins' in text and 'imu bias 0.5 ends' in text
    assert found['messages']['/odometry']['identical'] == 60  # those before
    imu = [sum(a.data != b.data for a, b in zip(*(read_bag(b, ('/imu',)) for b in (flight, bag))))]
    assert imu == [20]


def test_a_scenario_gives_its_sensor_faults_and_nothing_else(replay, tmp_path):
    file = tmp_path / 'faults.yaml'
    file.write_text('faults:\n- {when: {time_s: 2.0}, what: star_tracker, how: {kind: dropout, value: 1.0}}')
    _, _, bag, _ = replay(scenario=file)
    assert max(m.time for m in read_bag(bag, ('/star_tracker',))) < 2e9


def test_nothing_says_which_site_it_was(flight, replay, tmp_path):
    shutil.copytree(flight / 'bag', tmp_path / 'alone')
    with pytest.raises(FileError, match='which vehicle this was; give --vehicle'):
        replay(tmp_path / 'alone')
    given = {'vehicle': 'resilience', 'site': 'mare_frigoris'}
    assert replay(tmp_path / 'alone', require_identical=True, **given)[0] == 0


def test_a_cut_bag_is_replayed_as_far_as_it_goes(flight, replay, tmp_path):
    shutil.copytree(flight, tmp_path / 'cut')
    file = find_files(tmp_path / 'cut')[0]
    file.write_bytes(file.read_bytes()[:file.stat().st_size // 2])
    code, found, _, text = replay(tmp_path / 'cut', require_identical=True)
    assert code == 0 and 0 < found['messages']['/odometry']['identical'] < 100
    assert 'cut off while recording' in text


def test_a_split_bag_is_replayed_as_one(flight, replay, tmp_path):
    split = BagWriter(tmp_path / 'split/bag', split_s=1.0)
    channels = {name: split.add_channel(topic, text) for name, (topic, text) in read_topics(flight).items()}
    for message in read_bag(flight, channels):
        split.write(channels[message.topic], message.time, message.data)
    split.close()
    shutil.copy(flight / 'arguments.json', tmp_path / 'split')
    assert len(find_files(tmp_path / 'split')) >= 6
    code, found, _, _ = replay(tmp_path / 'split', require_identical=True)
    assert code == 0 and found['messages'] == replay()[1]['messages']


def test_ctrl_c_leaves_a_readable_bag(replay, monkeypatch):
    class Interrupted(player.ReplayRing):
        def take(self, sample):
            if isinstance(sample, ImuSample) and sample.time > 2.0:
                signal.raise_signal(signal.SIGINT)
            return super().take(sample)

    monkeypatch.setattr(player, 'ReplayRing', Interrupted)
    code, found, bag, text = replay()
    assert code == 130 and found['interrupted'] and 'Ended early' in text
    assert 10 < len(list(read_bag(bag, ('/odometry',)))) < 50


# Bags from elsewhere

TURN = rotations.from_rotation_vector(np.array([0.3, -0.2, 1.0]))
NAMES = {'/imu': '/their/imu', '/rangefinder/range_sample': '/their/range', '/state_vector': '/their/odom',
         '/star_tracker': '/their/stars'}
MAP = f"""
imu: {{topic: /their/imu, xyzw: {TURN.tolist()}}}
range: {{topic: /their/range, latency_s: 0.02, sigma_m: 0.3}}
star_tracker: {{topic: /their/stars}}
state_vector: {{topic: /their/odom}}
"""


def turned_imu(sample):
    back = rotations.conjugate(TURN)
    return sensors.imu(ImuSample(sample.time, rotations.rotate(back, sample.angular_velocity),
                                 rotations.rotate(back, sample.specific_force)))


def plain_range(sample):
    message = Range(min_range=1.0, max_range=20e3,
                    range=sample.range_m if math.isfinite(sample.range_m) else math.inf)
    message.header.stamp = to_stamp(sample.time + 0.02)
    return message


@pytest.fixture(scope='module')
def foreign(parameters, tmp_path_factory):
    """A bag with names, types and an IMU mount of others."""
    folder = tmp_path_factory.mktemp('foreign')
    record(parameters, folder, NAMES, turned_imu, plain_range)
    return folder


def test_a_bag_from_elsewhere_with_a_map(foreign, flight, replay, tmp_path):
    file = tmp_path / 'map.yaml'
    file.write_text(MAP)
    _, _, bag, _ = replay(foreign, topic_map=file, vehicle='resilience', site='mare_frigoris')
    topic, _ = read_topics(bag)['/odometry']
    ours = [m.data for m in read_bag(flight, ('/odometry',))]
    assert topic.count == len(ours)
    there = read_topics(bag)
    assert {'/their/imu', '/their/range', '/their/stars'} <= there.keys()
    codec = Codec(topic.type_name, there['/odometry'][1])
    last = [codec.decode(data).pose.pose.position for data in (
        ours[-1], [m.data for m in read_bag(bag, ('/odometry',))][-1])]
    assert math.dist(*([p.x, p.y, p.z] for p in last)) < 0.5


@pytest.mark.parametrize(('old', 'new', 'message'), [
    ('imu: {', 'gyro: {', 'gyro = .*one of imu, range'),
    ('/their/imu', '/no/imu', 'imu.topic = ./no/imu.*sensor_msgs/msg/Imu: /their/imu'),
    ('/their/imu', '/their/stars', 'a topic of its own'), ('/their/imu', '/their/odom2', 'imu.topic'),
    ('/their/range', '/odometry', 'range.topic.*nav_msgs/msg/Odometry.*sensor_msgs/msg/Range or lander'),
    ('latency_s: 0.02', 'latency_s: -1', 'range.latency_s = -1.*from 0 to 10'),
    ('state_vector: {topic: /their/odom}', '', 'initial_state = None.*either this section or state_vector'),
    (f'{TURN.tolist()}', '[1, 1, 0, 0]', 'imu.xyzw.*length 1')])
def test_a_wrong_map_is_refused_with_file_field_and_value(foreign, replay, tmp_path, old, new, message):
    file = tmp_path / 'map.yaml'
    file.write_text(MAP.replace(old, new))
    with pytest.raises(ValueError, match=message) as error:
        replay(foreign, topic_map=file, vehicle='resilience', site='mare_frigoris')
    assert str(file) in str(error.value)


def test_the_map_in_the_readme_works(foreign, replay, config, tmp_path):
    readme = (config.parent / 'src/lander_campaign/README.md').read_text(encoding='utf-8')
    file = tmp_path / 'map.yaml'
    file.write_text(readme.partition('```yaml\n')[2].partition('```')[0].replace(
        '/livox/imu', '/their/imu').replace('/altimeter', '/their/range'))
    _, found, bag, _ = replay(foreign, topic_map=file, vehicle='resilience', site='mare_frigoris')
    codec = Codec('nav_msgs/msg/Odometry', read_topics(bag)['/odometry'][1])
    first = codec.decode(next(read_bag(bag, ('/odometry',))).data).pose.pose.position
    assert (first.x, first.y, first.z) == pytest.approx((-120.0, 0.0, 950.0), abs=1e-6)
    assert found['replayed']['ranges']


# Faults

SHOT = RangeSample(10.0, 10.1, RangeSample.VALID, '', 1000.0, 0.25, 1.0)


@pytest.fixture
def broken(config):
    """Return a function that makes SensorFaults of texts."""
    vehicle = load_vehicle(config / 'vehicles/resilience.yaml')

    def make(*texts, seed=1):
        faults = SensorFaults(tuple(parse(text, vehicle) for text in texts), seed, timeout_s=1.0)
        faults.update(5.0, math.inf, '')
        return faults
    return make


@pytest.mark.parametrize(('text', 'expected'), [
    ('bias:50', 1050.0), ('scale:0.1', 1100.0), ('spike:-200', 800.0), ('stuck:300', 300.0)])
def test_faults_of_a_range(broken, text, expected):
    found = broken(f'rangefinder:{text}@5').apply(SHOT)
    assert found.range_m == pytest.approx(expected) and found.validity == RangeSample.VALID


def test_a_spike_is_one_sample_and_a_healthy_sample_stays_the_very_same(broken):
    faults = broken('rangefinder:spike:100@5')
    assert faults.apply(SHOT) is not SHOT
    assert faults.apply(SHOT) is SHOT
    assert broken('rangefinder:bias:1@6').apply(SHOT) is SHOT


def test_a_lost_echo_is_a_sample_without_return(broken):
    for text in ('no_return', 'dropout:1'):
        found = broken(f'rangefinder:{text}@5').apply(SHOT)
        assert found.validity == RangeSample.NO_RETURN and math.isnan(found.range_m)


def test_latency_is_a_later_answer_or_none(broken):
    late = broken('rangefinder:latency:0.3@5').apply(SHOT)
    assert (late.time, late.received, late.range_m) == (10.0, pytest.approx(10.4), 1000.0)
    assert broken('rangefinder:latency:3@5').apply(SHOT).validity == RangeSample.TIMEOUT


def test_noise_follows_from_the_seed(broken):
    one, same, other = (broken('rangefinder:noise:5@5', seed=seed).apply(SHOT).range_m for seed in (1, 1, 2))
    assert one == same != other
    assert 0.0 < abs(one - 1000.0) < 30.0


def test_faults_of_the_other_sensors(broken):
    imu = ImuSample(10.0, np.array([0.1, 0.0, 0.0]), np.array([0.0, 0.0, 3.0]))
    found = broken('imu:bias:0.5@5').apply(imu)
    assert found.specific_force == pytest.approx([0.5, 0.5, 3.5])
    assert found.angular_velocity == pytest.approx(imu.angular_velocity)
    velocity = VelocitySample(10.0, np.array([1.0, 2.0, math.nan]), np.array([0.1, 0.1, math.nan]))
    found = broken('ground_velocity:scale:1@5').apply(velocity)
    assert found.velocity[:2] == pytest.approx([2.0, 4.0]) and math.isnan(found.velocity[2])
    fix = AttitudeFix(10.0, True, '', np.array([0.0, 0.0, 0.0, 1.0]), np.full(3, 1e-8))
    found = broken('star_tracker:bias:0.01@5').apply(fix)
    assert rotations.to_rotation_vector(found.q_moon_body) == pytest.approx([0.01] * 3, rel=1e-3)
    assert broken('star_tracker:dropout:1@5').apply(fix) is None


@pytest.mark.parametrize(('text', 'message'), [
    ('thruster/main:stuck_off@5', 'what'), ('node/guidance:kill@5', 'what.*the lander does not fly'),
    ('rangefinder:loss_db:3@5', 'no bag says how strong'), ('rangefinder:melted@5', 'one of no_return'),
    ('rangefinder:dropout:2@5', '0 to 1'), ('rangefinder', 'WHAT:HOW'), ('imu:bias:x@5', 'a number'),
    ('imu:bias:1@-3', 'time')])
def test_a_fault_that_cannot_be_replayed_is_refused(config, text, message):
    with pytest.raises(ParameterError, match=message):
        parse(text, load_vehicle(config / 'vehicles/resilience.yaml'))


def test_a_scenario_that_breaks_a_thruster_is_refused(config, tmp_path):
    vehicle = load_vehicle(config / 'vehicles/resilience.yaml')
    file = tmp_path / 'thruster.yaml'
    name = vehicle.thrusters[0].name
    file.write_text(f'faults:\n- {{when: {{time_s: 2}}, what: thruster/{name}, how: {{kind: stuck_off}}}}')
    with pytest.raises(ParameterError, match=r'thruster.yaml: faults\[0\].what'):
        of_scenario(file, vehicle)

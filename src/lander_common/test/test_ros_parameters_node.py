"""Parameter dataclasses as the parameters of a real node."""

import sys
from dataclasses import dataclass

import pytest

rclpy = pytest.importorskip('rclpy')

from rclpy.node import Node  # noqa: E402
from rclpy.parameter import Parameter  # noqa: E402

from lander_common.parameters import ParameterError, Parameters, parameter  # noqa: E402
from lander_common.ros.parameters import declare  # noqa: E402


@dataclass(frozen=True)
class Example(Parameters):
    """One of everything."""

    gate: float = parameter(5.0, unit='m', minimum=1.0, maximum=20.0, doc='Gate')
    open_range: float = parameter(1.0, minimum=0.0, doc='Only a lower bound')
    count: int = parameter(3, minimum=0, maximum=10, doc='Whole')
    active: bool = parameter(True, doc='Switch')
    name: str = parameter('a', choices=('a', 'b'), doc='Choice')
    gains: list[float] = parameter([1.0, 2.0], unit='1/s', doc='List')
    names: list[str] = parameter(['x'], doc='Texts')

    def __post_init__(self) -> None:
        """Also check two against each other."""
        super().__post_init__()
        if self.open_range > self.gate:
            raise ParameterError('open_range', self.open_range, f'at most the gate, {self.gate:g}')


@pytest.fixture
def start(tmp_path, monkeypatch):
    """Start a node with ROS arguments, or with a parameter file."""
    nodes = []

    def run(*arguments, file='', key='example'):
        ros = list(arguments)
        if file:
            path = tmp_path / 'example.yaml'
            path.write_text(f'{key}:\n  ros__parameters:\n    {file}\n')
            ros = ['--params-file', str(path), *ros]
        arguments = ['program', '--ros-args', *ros]
        monkeypatch.setattr(sys, 'argv', arguments)
        rclpy.init(args=arguments)
        nodes.append(Node('example'))
        return nodes[0], declare(nodes[0], Example)
    yield run
    for node in nodes:
        node.destroy_node()
    rclpy.try_shutdown()


def test_defaults(start):
    node, parameters = start()
    assert parameters == Example()
    assert node.get_parameter('gate').value == 5.0
    assert list(node.get_parameter('gains').value) == [1.0, 2.0]


def test_values_from_arguments_and_file(start):
    node, parameters = start('-p', 'count:=7', '-p', 'active:=false', '-p', 'names:=[p, q]',
                             file='{gate: 2.5, name: b, gains: [0.5]}')
    assert parameters == Example(gate=2.5, count=7, active=False, name='b', gains=[0.5], names=['p', 'q'])
    assert list(node.get_parameter('names').value) == ['p', 'q']


def test_a_whole_number_is_good_for_a_float(start):
    node, parameters = start('-p', 'gate:=7', file='gains: [1, 2]')
    assert (parameters.gate, parameters.gains) == (7.0, [1.0, 2.0])
    assert node.get_parameter('gate').type_ == Parameter.Type.DOUBLE
    assert node.get_parameter('gains').type_ == Parameter.Type.DOUBLE_ARRAY


@pytest.mark.parametrize('file, text', [
    ('gate: 0.5', 'gate = 0.5: allowed is a number from 1 to 20 [m]'),
    ('gate: large', "gate = 'large': allowed is a number from 1 to 20 [m]"),
    ('gate: true', 'gate = True: allowed is a number from 1 to 20 [m]'),
    ('open_range: .nan', 'open_range = nan: allowed is a number, at least 0'),
    ('count: 2.5', 'count = 2.5: allowed is a whole number from 0 to 10'),
    ('count: 11', 'count = 11: allowed is a whole number from 0 to 10'),
    ('active: 1', 'active = 1: allowed is true or false'),
    ('name: c', "name = 'c': allowed is one of a, b"),
    ('gains: 1.0', 'gains = 1.0: allowed is a list of numbers [1/s]'),
    ('gains: [x]', "gains = ['x']: allowed is a list of numbers [1/s]"),
    ('gaet: 5.0', 'gaet = 5.0: allowed is no parameter of that name; there are gate, open_range, count'),
])
@pytest.mark.parametrize('key', ['example', '/example', '/**'])
def test_errors_name_file_parameter_value_and_what_is_allowed(start, tmp_path, file, text, key):
    with pytest.raises(ParameterError) as error:
        start(file=file, key=key)
    assert str(error.value).startswith(f'{tmp_path / "example.yaml"}: {text}')


def test_an_error_on_the_command_line_names_the_node(start):
    with pytest.raises(ParameterError, match=r'^arguments of node example: gate = 50\.0: allowed is'):
        start('-p', 'gate:=50.0')


def test_parameters_are_judged_together(start):
    assert start('-p', 'gate:=12.0', '-p', 'open_range:=9.0')[1].open_range == 9.0


def test_what_two_parameters_must_not_be_together(start, tmp_path):
    with pytest.raises(ParameterError) as caught:
        start(file='{gate: 2.0, open_range: 3.0}')
    assert str(caught.value) == f'{tmp_path}/example.yaml: open_range = 3.0: allowed is at most the gate, 2'


def test_sim_time_and_qos_overrides_are_not_ours_to_refuse(start):
    start('-p', 'use_sim_time:=true', '-p', 'qos_overrides./topic.publisher.depth:=5')


def test_descriptors_carry_text_unit_and_range(start):
    node, _ = start()
    gate, count, name = (node.describe_parameter(n) for n in ('gate', 'count', 'name'))
    assert gate.description == 'Gate [m]'
    assert gate.read_only
    assert gate.additional_constraints == 'a number from 1 to 20 [m]'
    span = gate.floating_point_range[0]
    assert (span.from_value, span.to_value) == (1.0, 20.0)
    assert (count.integer_range[0].from_value, count.integer_range[0].to_value) == (0, 10)
    assert name.additional_constraints == 'one of a, b'


def test_parameters_do_not_change_in_flight(start):
    node, _ = start()
    result = node.set_parameters([Parameter('gate', value=6.0)])[0]
    assert not result.successful
    assert node.get_parameter('gate').value == 5.0

"""What the terminal shows."""

import io
import math

from rich.console import Console

from lander_telemetry.display import Screen, line, table
from lander_telemetry.flight import Flight
from lander_telemetry.judgement import Row

FLIGHT = Flight(time=1234.56, phase='TERMINAL', altitude_m=893.0, altitude_lower_m=850.0,
                altitude_upper_m=12_345.0, sink_rate_m_s=66.04, ground_speed_m_s=1.2, tilt_deg=3.21,
                propellant_kg=85.0, range_finder='no return')


def test_line():
    assert line(FLIGHT, 25.04) == (
        'T+  1234.6 s  TERMINAL   alt 893 m [850 m, 12.35 km]  sink 66.0  ground 1.2 m/s  tilt 3.2 deg'
        '  prop 85.0 kg  range finder: no return  x25.0')


def test_line_before_anything_is_known():
    text = line(Flight(), math.nan)
    assert 'nan' not in text and 'WAIT' in text and '--' in text


def test_plain_lines_are_throttled():
    out = io.StringIO()
    screen = Screen(Console(file=out, width=300))
    for tenth in range(1000):  # 100 s of flight time in 10 s of wall time
        screen.update(Flight(time=0.1 * tenth, phase='COAST'), 0.01 * tenth)
    times = [float(row.split()[1]) for row in out.getvalue().splitlines()]
    assert times == [0.0, 30.0, 60.0, 90.0]


def test_plain_lines_of_a_fast_flight_are_throttled_by_wall_time():
    out = io.StringIO()
    screen = Screen(Console(file=out, width=300))
    for second in range(1000):  # in 5 s of wall time
        screen.update(Flight(time=float(second), phase='COAST'), 10.0 + 0.005 * second)
    times = [float(row.split()[1]) for row in out.getvalue().splitlines()]
    assert times == [0.0, 400.0, 800.0]


def test_terminal_has_one_live_line_and_lasting_lines():
    out = io.StringIO()
    screen = Screen(Console(file=out, width=120, force_terminal=True))
    for tenth in range(5):
        screen.update(Flight(time=float(tenth), phase='BRAKING'), 0.1 * tenth)
    screen.say('PITCH_UP: ground speed reached')
    screen.close()
    lasting = [row for row in out.getvalue().split('\n') if 'PITCH_UP' in row]
    assert len(lasting) == 1
    assert out.getvalue().count('\n') <= 4, 'the live line is rewritten in place'


def test_real_time_factor():
    out = io.StringIO()
    screen = Screen(Console(file=out, width=300))
    for step in range(40):
        screen.update(Flight(time=2.0 * step), 0.1 * step)
    assert out.getvalue().splitlines()[-1].endswith('x20.0')


def test_table():
    out = io.StringIO()
    rows = [Row('Tilt', '9.0 deg', '5 deg', False), Row('Rate', '1.0 deg/s', '5 deg/s', True),
            Row('Propellant left', '12.0 kg', '', None)]
    Console(file=out, width=100).print(table(rows, False))
    lines = out.getvalue().splitlines()
    assert 'NOT PASSED' in lines[0]
    tilt = next(row for row in lines if 'Tilt' in row)
    assert '9.0 deg' in tilt and '5 deg' in tilt and 'FAIL' in tilt
    assert next(row for row in lines if 'Rate' in row).count('PASS') == 1

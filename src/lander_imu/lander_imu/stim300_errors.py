"""What the bits of the STIM300's extended error datagram say (TS1524 rev. 31, table 5-19)."""

_AXES = ('x', 'y', 'z')


def _table() -> dict[int, str]:
    table = {k: f'gyro {a}: excitation frequency' for k, a in enumerate(_AXES)}
    table |= {3: 'processor temperature', 16: 'start-up', 20: 'supply voltage', 23: 'regulated voltage 3',
              22: 'regulated voltage 2', 21: 'regulated voltage 1', 19: 'reference voltage 3',
              18: 'reference voltage 2', 17: 'reference voltage 1', 56: 'RAM check', 57: 'flash check',
              58: 'internal converter', 59: 'supply overvoltage', 60: 'monitor stack', 61: 'command stack',
              62: 'sample stack', 63: 'flash stack', 64: 'transmit stack', 68: 'line unable to transmit',
              54: 'inclinometers x z: temperature sensor', 55: 'inclinometer y: temperature sensor',
              83: 'inclinometers x z: temperature converter', 84: 'inclinometer y: temperature converter',
              85: 'self-test not running', 92: 'inclinometers x z: temperature deviation',
              93: 'inclinometer y: temperature deviation', 97: 'processor temperature failure',
              111: 'reference voltage 4', 112: 'pulse input: time overflow'}
    for first, what in ((4, 'circuit temperature'), (7, 'temperature sensor'), (10, 'clipped'),
                        (13, 'internal communication'), (65, 'data missing'), (77, 'temperature clipped'),
                        (86, 'temperature deviation'), (94, 'circuit temperature deviation'),
                        (98, 'configuration'), (101, 'overload')):
        table |= {first + k: f'gyro {a}: {what}' for k, a in enumerate(_AXES)}
    for k, what in enumerate(('circuit overflow Q', 'circuit overflow I', 'detection', 'excitation',
                              'internal communication', 'excitation amplitude', 'data lost')):
        table |= {24 + 7 * i + k: f'gyro {a}: {what}' for i, a in enumerate(_AXES)}
    for first, what in ((45, 'clipped'), (48, 'temperature sensor'), (70, 'converter'),
                        (80, 'temperature converter'), (89, 'temperature deviation'), (104, 'overload')):
        table |= {first + k: f'accelerometer {a}: {what}' for k, a in enumerate(_AXES)}
    for first, what in ((51, 'clipped'), (73, 'converter'), (107, 'overload')):
        table |= {first + k: f'inclinometer {a}: {what}' for k, a in enumerate(_AXES)}
    return table


ERRORS = dict(sorted(_table().items()))
"""Names by bit, 0 to 127."""

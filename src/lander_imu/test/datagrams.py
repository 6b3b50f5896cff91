"""Datagrams for tests, written from the data sheet and not with the code under test."""

GROUPS = {0x90: '', 0x91: 'a', 0x92: 'i', 0x93: 'ai', 0x94: 't', 0xA5: 'at', 0xA6: 'it', 0xA7: 'ait',
          0x98: 'x', 0x99: 'ax', 0x9A: 'ix', 0x9B: 'aix', 0x9C: 'tx', 0xAD: 'atx', 0xAE: 'itx', 0xAF: 'aitx',
          0xF0: 'x', 0xF1: 'ax', 0xF2: 'ix', 0xF3: 'aix', 0xF4: 'tx', 0xF5: 'atx', 0xF6: 'itx', 0xF7: 'aitx'}
SIZES = {0x90: 18, 0x91: 28, 0x92: 28, 0x93: 38, 0x94: 25, 0xA5: 42, 0xA6: 42, 0xA7: 59, 0xF0: 22, 0xF1: 32,
         0xF2: 32, 0xF3: 42, 0xF4: 29, 0xF5: 46, 0xF6: 46, 0xF7: 63}
"""Bytes of a datagram: table 5-12 of the data sheet."""


def with_crc(body):
    """Append the CRC, bit by bit as section 5.5.7 has it."""
    register = 0xFFFFFFFF
    for byte in body + bytes(-len(body) % 4):
        register ^= byte << 24
        for _ in range(8):
            register = (register << 1 ^ (0x04C11DB7 if register >> 31 else 0)) & 0xFFFFFFFF
    return body + register.to_bytes(4, 'big')


def numbers(values, size=3):
    """Return numbers one after the other, high byte first."""
    return b''.join(v.to_bytes(size, 'big', signed=True) for v in values)


def measurement(counter, rate=(0, 0, 0), force=(0, 0, 0), identifier=0x91, status=(0, 0), latency=506,
                inclination=(1, 2, 3), temperature=(100, 200, 300), auxiliary=b'\x01\x02\x03'):
    """Return a measurement with these counts."""
    holds = GROUPS[identifier]
    body = bytes([identifier]) + numbers(rate) + bytes([status[0]])
    if 'a' in holds:
        body += numbers(force) + bytes([status[1]])
    if 'i' in holds:
        body += numbers(inclination) + b'\0'
    if 't' in holds:
        body += (numbers(temperature, 2) + b'\0') * (1 + ('a' in holds) + ('i' in holds))
    if 'x' in holds:
        body += auxiliary + b'\0'
    return with_crc(body + bytes([counter % 256]) + latency.to_bytes(2, 'big'))


def configuration(rate=500, gyro_unit=0xA, force_unit=2, full_scale=0, content=2, gyro_filter=4,
                  force_filter=4):
    """Return a configuration: mean values, gyros delayed, 10 g, filters of 262 Hz if not told otherwise."""
    code = {125: 0, 250: 1, 500: 2, 1000: 3, 2000: 4, 0: 5}[rate]
    both, once = gyro_filter << 4 | gyro_filter, force_filter << 4 | force_filter
    return with_crc(bytes([
        0xBC, ord('K'), 7, code << 5 | content, 0x20, 0x70 | gyro_unit, both, gyro_filter << 4,
        0x70 | force_unit, once, force_filter << 4, 0x70, 0x44, 0x40, 0, 0, 0, full_scale << 4 | full_scale,
        full_scale << 4, 0, 0, 0]))


SERIAL = with_crc(b'\xb5N' + bytes.fromhex('25582405002002') + bytes(7))
PART = with_crc(bytes.fromhex('b1 08 41 67 2d 44 00 00 2d 32 10 03 00 00 00') + b'K')


def answer(command, **settings):
    """Return what the device says to a command."""
    return {b'C\r': configuration(**settings), b'I\r': SERIAL, b'N\r': PART}[command]

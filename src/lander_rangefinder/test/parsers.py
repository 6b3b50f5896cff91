"""What the tests of all protocols share: good frames, and an independent look for ranges in raw bytes."""

import binascii
import pickle
import re
import struct
from itertools import pairwise

from lander_rangefinder import benewake, lightware_binary, lightware_frames, noptel
from lander_rangefinder.lightware_sf45 import SHOT
from lander_rangefinder.protocol import Echoes
from lander_rangefinder.protocols import find
from lander_rangefinder.vectronix_frames import encode

PARSERS = ['vectronix_ascii', 'noptel', 'lightware_sf45', 'lightware_ascii', 'lightware_binary',
           'benewake_tfmini', 'benewake_tf02', 'benewake_tf03']
CHECKED = ['noptel', 'lightware_sf45', 'benewake_tfmini', 'benewake_tf02', 'benewake_tf03']


def frame(name, centimetres):
    """Return a good answer of a device of that protocol, and its range [m]."""
    if name == 'vectronix_ascii':
        return encode(f'LM,Md,v{centimetres:07d},R000E301,R000E301') + b'<', centimetres / 100
    if name == 'noptel':
        range_m = struct.unpack('<f', struct.pack('<f', centimetres / 100 + 0.51))[0]
        return noptel.encode([(range_m, 7)]), range_m
    if name == 'lightware_sf45':
        shot = SHOT.pack(centimetres, 50, centimetres, 60, 0)
        return lightware_frames.encode(44, shot), centimetres / 100
    if name == 'lightware_ascii':
        text = f'{centimetres / 100:.2f}\r\n'
        return f'ldl,2:{text}ldf,1:{text}'.encode(), centimetres / 100
    if name == 'lightware_binary':
        return lightware_binary.encode(centimetres), centimetres / 100
    return benewake.encode(centimetres, 500, 8), centimetres / 100


def ranges(events):
    """Return all ranges [m] in events, those of targets that are none left out."""
    return [t.range_m for e in events if isinstance(e, Echoes) for t in e.targets if t.range_m == t.range_m]


def size(protocol):
    """Return how much a protocol remembers [bytes]."""
    return len(pickle.dumps(protocol))


def witnesses(name, data):
    """Return every range [m] that whole, correct answers in `data` hold, wherever they begin."""
    if name == 'vectronix_ascii':
        bodies = [m[1] for m in re.finditer(rb'>([^<>!*\r]*)\*(..)\r', data, re.S)
                  if b'%02X' % (sum(m[1]) & 255) == m[2]]
        return {int(t) / 100 for b in bodies for t in re.findall(rb',[vT](\d{7})', b)}
    if name == 'lightware_ascii':
        return {float(t) for t in re.findall(rb'ld[fl],\d:(-?\d+\.\d+)[\r\n]', data)}
    if name == 'lightware_binary':
        return {((a & 127) * 128 + b) / 100 for a, b in pairwise(data) if a >= 128 > b}
    found = set()
    for i in range(len(data)):
        part = data[i:i + 22].ljust(22, b'?')  # a frame that is cut off fits no check but by a rare chance
        if name == 'noptel' and part[:2] == b'\x59\xcc' and (sum(part[:21]) % 256) ^ 0x50 == part[21]:
            found |= {struct.unpack_from('<f', part, k)[0] for k in (2, 8, 14)}
        elif name == 'lightware_sf45' and part[0] == 0xAA and part[3] == 44:
            length, crc = (part[1] + 256 * part[2]) // 64, part[14] + 256 * part[15]
            if length == 11 and binascii.crc_hqx(part[:14], 0) == crc:
                found |= {struct.unpack_from('<h', part, k)[0] / 100 for k in (4, 8)}
        elif name.startswith('benewake') and part[:2] == b'\x59\x59' and sum(part[:8]) % 256 == part[8]:
            found.add((part[2] + 256 * part[3]) / 100)
    return found


def new(name):
    """Return a fresh protocol."""
    return find(name)()

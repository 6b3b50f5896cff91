"""A range finder without bytes: driver, health and line as one record, for flights in one process.

The dialogue is that of `dialogue.Dialogue` with a device that is never out of order: what crosses the line
are whole events, and nothing gets lost. Each sample has the same bits as over a byte link.
"""

import numpy as np

NEW, READY, ASKED, ACCEPTED, CLOSING, QUIET = range(6)
"""Where the dialogue stands: `dialogue.State`, and NEW before the first poll."""
TAKEN, REFUSED, ECHO, PROMPT = range(4)
"""What the device sends: `protocol.Accepted`, `Refused`, `Echoes` and `Finished`."""
NONE, NO_ECHO, TOO_NEAR, TOO_FAR, BUSY, ENDED, SILENT = range(7)
"""Why a shot gave no valid range."""

FASTEST = 50  # [Hz] a device is asked so often
_RECENT = 64  # shots remembered, of the last second
_QUEUE = 8  # events on the line; a poll finds at most 5

RANGEFINDER = np.dtype([
    # the shot that ended last: fields of RangeSample
    ('time', float), ('received', float),  # [s]
    ('validity', np.int64), ('cause', np.int64),
    ('range_m', float), ('variance', float), ('quality', float),
    ('beam', np.int64),
    ('ended', np.int64),  # 1: a shot ended in the last poll
    # parameters
    ('rate_hz', float), ('pulse_delay', float), ('timeout', float),  # [Hz], [s], [s]
    ('assumed_variance', float), ('nearest', float), ('farthest', float),  # [m^2], [m], [m]
    # dialogue
    ('state', np.int64),
    ('until', float),  # [s] end of the state
    ('wait_for_prompt', np.int64),
    ('ignored', np.int64),  # answers that belonged to no question
    ('asked', float), ('next_shot', float),  # [s]
    # health
    ('counts', np.int64, 5),  # of shots by validity
    ('unanswered', np.int64),  # shots without any answer, one after the other
    ('recent_times', float, _RECENT), ('recent_valid', np.int64, _RECENT),  # ring of the last second
    ('recent_first', np.int64), ('recent_count', np.int64),
    # line
    ('commands', np.int64),  # on the way to the device
    ('events', np.int64, _QUEUE), ('event_count', np.int64),  # on the way from it
    ('centimetres', np.int64),  # of the last echo; 0: no return
])
"""One range finder."""

"""The order of question and answer, so that no answer is taken for that to another question."""

import math
from enum import Enum

from lander_rangefinder.protocol import Accepted, Damaged, Echoes, Event, Fault, Finished, Refused

PROMPT_WAIT = 0.1  # [s] for the prompt that follows an answer
RESUME_WAIT = 0.1  # [s] of quiet on a link that has come back


class State(Enum):
    """Where the dialogue stands."""

    READY = 0  # the next question may be asked
    ASKED = 1  # nothing heard yet; what comes before the acknowledgement belongs to an older question
    ACCEPTED = 2  # the answer is awaited
    CLOSING = 3  # answered; the prompt is awaited
    QUIET = 4  # out of step: the device is left to say what it may still have to say


class Dialogue:
    """One question at a time. A range that cannot be given to a question for certain is not used."""

    def __init__(self, timeout: float):
        """Wait at most `timeout` seconds for an answer."""
        self._timeout = timeout
        self._until = -math.inf  # end of the state
        self._wait_for_prompt = True
        self._idle = False  # the device was ready after it was asked: the question has not reached it
        self.state = State.READY
        self.ignored = 0  # answers that belonged to no question

    @property
    def ready(self) -> bool:
        """Whether the next question may be asked."""
        return self.state is State.READY

    @property
    def asking(self) -> bool:
        """Whether an answer is awaited."""
        return self.state in (State.ASKED, State.ACCEPTED)

    def ask(self, time: float) -> None:
        """Note that a question has been sent."""
        self._idle = False
        self._enter(State.ASKED, time + self._timeout)

    def start(self, time: float) -> None:
        """Begin on a new link: stay quiet for a whole time-out, for an earlier user may have asked."""
        self._enter(State.QUIET, time + self._timeout)
        self._wait_for_prompt = False

    def resume(self, time: float) -> None:
        """Begin on a link that has come back: nobody but us has asked, and that was before the pause."""
        self._enter(State.QUIET, time + min(self._timeout, RESUME_WAIT))
        self._wait_for_prompt = False

    def recover(self, time: float) -> None:
        """Leave the question; stay quiet until the device is ready, at most for a time-out."""
        self._enter(State.QUIET, time + self._timeout)
        self._wait_for_prompt = True

    def handle(self, event: Event, time: float) -> Echoes | str | None:
        """Take an event; return the answer to the question, or why there is none, or None."""
        match event, self.state:
            case Accepted(), State.ASKED:
                self.state = State.ACCEPTED
            case Echoes(), State.ACCEPTED:
                self._enter(State.CLOSING, time + PROMPT_WAIT)
                return event
            case Fault(reason), State.ACCEPTED:
                self._enter(State.CLOSING, time + PROMPT_WAIT)
                return reason
            case Refused(reason), State.ASKED:
                self.recover(time)
                return f'refused: {reason}'
            case Damaged(reason), State.ASKED | State.ACCEPTED:
                self.recover(time)
                return reason
            case Finished(), State.ASKED:  # back from a loss of power; or an older prompt, then all goes well
                self._idle = True
            case Finished(), State.ACCEPTED:
                self.state = State.READY
                return 'ended without an answer'
            case Finished(), State.CLOSING:
                self.state = State.READY
            case Finished(), State.QUIET if self._wait_for_prompt:
                self.state = State.READY
            case (Echoes() | Fault() | Damaged()), _:
                self.ignored += 1
        return None

    def expire(self, time: float) -> bool:
        """Let the time pass; return whether a question has just timed out."""
        if self.state is State.READY or time < self._until - 1e-9:
            return False
        if self.asking:
            lost = self._idle and self.state is State.ASKED
            self.recover(time)
            if lost:
                self.state = State.READY
            return True
        self.state = State.READY
        return False

    def _enter(self, state: State, until: float) -> None:
        self.state, self._until = state, until

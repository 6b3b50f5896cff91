"""What all byte links have in common."""

from abc import ABC, abstractmethod


class TransportError(OSError):
    """A link cannot be opened, or has dropped. The text names the URL and the cause."""

    def __init__(self, url: str, cause: object, allowed: str = ''):
        """Say what is wrong with the link at `url`, and what is allowed if that is the matter."""
        text = (cause.strerror or str(cause)) if isinstance(cause, OSError) else str(cause)
        super().__init__(f'{url}: {text}' + (f'; allowed is {allowed}' if allowed else ''))
        self.url, self.allowed = url, allowed


class Transport(ABC):
    """A link that carries bytes and never blocks."""

    def __init__(self, url: str):
        """Remember the URL."""
        self.url = url

    @abstractmethod
    def read(self) -> bytes:
        """Return the bytes that are there, perhaps none.

        Raises:
            TransportError: the link has dropped.
        """

    @abstractmethod
    def write(self, data: bytes) -> None:
        """Send all of `data`.

        Raises:
            TransportError: the link has dropped, or takes no more.
        """

    @abstractmethod
    def close(self) -> None:
        """Give the link back; closing twice is allowed."""

    def acted(self, time: float) -> None:  # noqa: B027 - real links have nobody to tell
        """Tell a simulator at the other end that all is done that was to be done by `time` [s].

        Only a link between processes of a simulation passes it on; for the others it means nothing.

        Raises:
            TransportError: the link has dropped.
        """


class Listener(Transport):
    """The device's end of a link. Without a client, reading gives nothing and what is written is lost."""

    @property
    @abstractmethod
    def connected(self) -> bool:
        """Whether a client is known to be there."""

    def meet(self, limit: float) -> bool:
        """Wait until a client is there, at most `limit` s of wall time; return whether one is.

        Only a link between processes of a simulation waits.
        """
        return self.connected

    def wait(self, time: float, limit: float) -> bool:
        """Wait until the client has acted up to flight time `time` [s], at most `limit` s of wall time.

        Only a link between processes of a simulation can tell; the others do not wait.
        """
        return True

"""What a launch file comes down to once its substitutions are done."""

from dataclasses import dataclass, field

from lander_bringup.runner.problem import Place


@dataclass(frozen=True)
class ProcessSpec:
    """A process that is to be started, with everything filled in."""

    name: str  # unique in the launch; names the log file and the lines on the screen
    command: tuple[str, ...]
    environment: dict[str, str]
    place: Place
    cwd: str | None = None
    output: str = 'log'  # screen, log or both
    shutdown_on_exit: bool = False
    respawn: bool = False
    respawn_delay: float = 0.0  # [s]
    respawn_max_retries: int = -1  # negative: no limit
    sigterm_timeout: float = 5.0  # [s] from SIGINT to SIGTERM
    sigkill_timeout: float = 5.0  # [s] from SIGTERM to SIGKILL
    emulate_tty: bool = False


@dataclass
class Plan:
    """Processes to start and texts to show, in the order of the file."""

    processes: list[ProcessSpec] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    shutdown: Place | None = None  # where the file itself asks for the end
    declared: set[str] = field(default_factory=set)  # names of launch arguments met

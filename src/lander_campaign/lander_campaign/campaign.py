"""Many flights of one scenario, each with its own seed."""

import dataclasses
from collections.abc import Callable, Sequence
from contextlib import closing

from lander_campaign.run import Run, Task, fly, run_of, seed_of
from lander_campaign.software import Software
from lander_campaign.statistics import half_width
from lander_campaign.workers import answers
from lander_sim.parameters import SimulatorParameters

BATCH = 50
"""Runs after which a campaign may stop early."""

COMPLETE, NARROW, INTERRUPTED = 'complete', 'interval narrow enough', 'interrupted'


@dataclasses.dataclass(frozen=True)
class Plan:
    """What is to be flown."""

    parameters: SimulatorParameters  # of every run but for the seed
    seed: int = 1  # of the campaign
    runs: int = 100
    workers: int = 1
    require: float = 1.0  # share of runs that must pass
    software: Software = Software()
    stop_at: float | None = None  # half width of the interval of the success rate that is narrow enough

    def task(self, index: int) -> Task:
        """Return a run of this campaign; it does not depend on the others."""
        return Task(index, dataclasses.replace(self.parameters, seed=seed_of(self.seed, index)),
                    self.software)


def fly_all(plan: Plan, show: Callable[[Sequence[Run]], None]) -> tuple[list[Run], str]:
    """Fly, and call `show` with the runs so far, in no order, after each.

    Returns:
        The runs in order of their index, and why there are no more: COMPLETE, NARROW, or INTERRUPTED by
        KeyboardInterrupt. Unless interrupted, what is returned does not depend on the number of workers.
    """
    flown: dict[int, Run] = {}
    checked = 0
    try:
        with closing(answers(fly, map(plan.task, range(plan.runs)), plan.workers)) as results:
            for task, answer in results:
                run = run_of(task, answer)
                flown[run.index] = run
                show(list(flown.values()))
                # Runs beyond the boundary that have overtaken others must not count.
                while plan.stop_at is not None and all(i in flown for i in range(checked, checked + BATCH)):
                    checked += BATCH
                    runs = [flown[i] for i in range(checked)]
                    if half_width(sum(r.passed for r in runs), checked) <= plan.stop_at:
                        return runs, NARROW
    except KeyboardInterrupt:
        return _in_order(flown), INTERRUPTED
    return _in_order(flown), COMPLETE


def _in_order(flown: dict[int, Run]) -> list[Run]:
    return [flown[i] for i in sorted(flown)]

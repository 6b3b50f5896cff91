"""The survivability map as a picture."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage

from lander_campaign.survivability import POLICIES, Outcome, matrix
from lander_telemetry.picture import STYLE, pyplot


def draw(output: Path, title: str, outcomes: Sequence[Outcome]) -> None:
    """Draw the share of flights that landed, one map for each policy."""
    with pyplot.rc_context(STYLE):
        figure, axes = pyplot.subplots(1, len(POLICIES), figsize=(13.0, 5.5), layout='constrained',
                                       sharey=True)
        for axis, policy in zip(axes, POLICIES):
            image = _map(axis, policy, outcomes)
        axes[0].set_ylabel('first valid range [m above ground]')
        figure.colorbar(image, ax=axes, label='landed', format=lambda value, _: f'{100.0 * value:.0f} %')
        figure.suptitle(title, x=0.01, ha='left', fontsize=13, fontweight='bold')
        figure.savefig(output)
        pyplot.close(figure)


def _map(axis: Axes, policy: str, outcomes: Sequence[Outcome]) -> AxesImage:
    share, ranges, errors = matrix(outcomes, policy)
    image = axis.imshow(share, origin='lower', aspect='auto', cmap='RdYlGn', vmin=0.0, vmax=1.0)
    axis.set_xticks(range(len(errors)), [f'{error:+g}' for error in errors])
    axis.set_yticks(range(len(ranges)), [f'{first:g}' for first in ranges])
    for row, column in np.argwhere(np.isfinite(share)):
        axis.text(column, row, f'{100.0 * share[row, column]:.0f}', ha='center', va='center', fontsize=9)
    axis.grid(False)
    axis.set_title(f'Guidance trusts the {policy}')
    axis.set_xlabel('altitude believed too high by [m]')
    return image

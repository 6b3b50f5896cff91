"""The survivability map, of invented flights."""

import io
import json

import pytest
from pyarrow import parquet
from rich.console import Console

from lander_campaign import survivability, survivability_picture
from lander_campaign.campaign import Plan
from lander_campaign.run import Run
from lander_campaign.survivability import OURS, POLICIES, TRUSTING, matrix
from lander_common.yaml_file import read


def survivor(task):
    """Invent a flight: who trusts the estimate dies of an altitude error above half of the range."""
    scenario = read(task.parameters.scenario_file)
    first, error = scenario['sensors']['laser']['rated_range_m'], scenario['terrain']['height_offset_m']
    lost = bool(task.software.guidance.trust_estimate) and error > 0.5 * first
    return Run(task.index, task.parameters.seed, not lost, 'crashed' if lost else 'landed', '',
               vertical_speed_m_s=1.0, first_range_altitude_m=first)


@pytest.fixture
def outcomes(short, tmp_path, monkeypatch):
    monkeypatch.setattr(survivability, 'answers',
                        lambda function, tasks, count: ((task, survivor(task)) for task in tasks))
    plan = Plan(short, runs=3, workers=2)
    return survivability.survey(plan, [500.0, 1000.0], [0.0, 400.0], tmp_path, Console(file=io.StringIO()))


def test_every_cell_has_its_scenario_and_all_cells_the_same_seeds(outcomes, tmp_path):
    assert len(outcomes) == 2 * 2 * 2
    names = sorted(path.name for path in (tmp_path / 'scenarios').iterdir())
    assert names == ['1000m_+0m.yaml', '1000m_+400m.yaml', '500m_+0m.yaml', '500m_+400m.yaml']
    share, ranges, errors = matrix(outcomes, OURS)
    assert (share == 1.0).all()
    assert (ranges, errors) == ([500.0, 1000.0], [0.0, 400.0])
    assert matrix(outcomes, TRUSTING)[0].tolist() == [[1.0, 0.0], [1.0, 1.0]]


def test_results_are_kept_and_shown(outcomes, tmp_path):
    rows = parquet.read_table(tmp_path / 'survivability.parquet').to_pylist()
    lost = [row for row in rows if row['landed'] == 0]
    assert [tuple(r.values())[:3] for r in lost] == [(TRUSTING, 500.0, 400.0)]
    content = json.loads((tmp_path / 'survivability.json').read_text())
    assert len(content['cells']) == 8
    assert set(content['policies']) == set(POLICIES)
    screen = io.StringIO()
    survivability.show(Console(file=screen, width=100), outcomes)
    assert 'guidance trusts the estimate' in screen.getvalue()
    assert '3 flights a cell' in screen.getvalue()
    survivability_picture.draw(tmp_path / 'map.png', 'invented', outcomes)
    assert (tmp_path / 'map.png').stat().st_size > 10_000


def test_ctrl_c_keeps_complete_cells(short, tmp_path, monkeypatch):
    def interrupted(function, tasks, count):
        for number, task in enumerate(tasks):
            if number == 4:
                raise KeyboardInterrupt
            yield task, survivor(task)

    monkeypatch.setattr(survivability, 'answers', interrupted)
    plan = Plan(short, runs=3, workers=2)
    outcomes = survivability.survey(plan, [500.0], [0.0, 400.0], tmp_path, Console(file=io.StringIO()))
    assert len(outcomes) == 1

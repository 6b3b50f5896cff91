"""Reporting measured figures."""

import json

from lander_common import figures


def test_a_figure_is_printed_and_added_to_the_collection(tmp_path, monkeypatch, capsys):
    file = tmp_path / 'figures'
    monkeypatch.setenv(figures.COLLECTION, str(file))
    figures.report('solve', 4.0, 'us', 'DAQP 1', 10.0)
    figures.report('touchdown speed', 1.25, 'm/s')
    first, second = [json.loads(line) for line in file.read_text().splitlines()]
    assert list(first) == ['name', 'value', 'unit', 'peer', 'peer_value', 'ratio', 'command']
    assert (first['ratio'], first['peer_value'], second['ratio']) == (2.5, 10.0, None)
    assert first['command'].startswith('python ')
    assert capsys.readouterr().out == 'solve: 4 us; DAQP 1: 10 us, ratio 2.5\ntouchdown speed: 1.25 m/s\n'

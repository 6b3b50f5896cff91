"""Definitions of messages, from the packages that are installed and from made-up ones."""

import pytest

from lander_telemetry.definitions import DefinitionError, definition


def test_nested_arrays_of_another_message_are_included_once():
    text = definition('lander_msgs/msg/NavigationStatus')
    assert text.count('MSG: lander_msgs/SensorState\n') == 1
    assert text.count('MSG: std_msgs/Header\n') == 1
    assert text.count('MSG: builtin_interfaces/Time\n') == 1
    assert text.startswith('# What the lander knows')


def test_feedback_of_an_action():
    text = definition('lander_msgs/action/DeployRover_FeedbackMessage')
    assert text.splitlines()[:2] == ['unique_identifier_msgs/UUID goal_id',
                                     'lander_msgs/action/DeployRover_Feedback feedback']
    feedback = text.split('MSG: lander_msgs/action/DeployRover_Feedback\n')[1]
    assert 'float64 progress' in feedback and 'drive_distance_m' not in feedback
    assert 'uint8[16] uuid' in text.split('MSG: unique_identifier_msgs/UUID\n')[1]


@pytest.mark.parametrize(('line', 'inner'), [
    ('Other other', True), ('Other[] others', True), ('Other[3] others', True), ('Other[<=3] others', True),
    ('made_msgs/Other other  # why', True), ('uint8 OTHER=3', False), ('string<=10 text', False),
    ('string<=10[<=2] texts', False), ('# Other other', False), ('float64[9] covariance', False),
    ('string NAME="Other other"', False)])
def test_fields(tmp_path, line, inner):
    folder = tmp_path / 'share/made_msgs/msg'
    folder.mkdir(parents=True)
    (folder / 'Outer.msg').write_text(line + '\n')
    (folder / 'Other.msg').write_text('bool yes\n')
    assert ('MSG: made_msgs/Other\nbool yes' in definition('made_msgs/msg/Outer', [tmp_path])) == inner


def test_missing_type_says_where_it_was_looked_for(tmp_path):
    with pytest.raises(DefinitionError, match=f'no_msgs/msg/Thing.*{tmp_path}'):
        definition('no_msgs/msg/Thing', [tmp_path])

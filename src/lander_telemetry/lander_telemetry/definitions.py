"""Message definitions as bags carry them: the text of a type and of all types inside it.

Read from `share/PACKAGE/msg/TYPE.msg` of the ament prefixes; the feedback of an action from its .action file.
"""

import os
import re
from pathlib import Path

_FIELD = re.compile(r'^\s*([A-Za-z][\w/]*)(?:<=\d+)?(?:\[[^\]]*\])?\s+[A-Za-z]\w*')
_PRIMITIVE = re.compile(r'bool|byte|char|float(32|64)|u?int(8|16|32|64)|w?string')
_FEEDBACK_MESSAGE = 'unique_identifier_msgs/UUID goal_id\n{package}/action/{action}_Feedback feedback\n'


class DefinitionError(LookupError):
    """No definition of a type can be found."""


def definition(type_name: str, prefixes: list[Path] | None = None) -> str:
    """Return the full definition of `package/kind/Name`, the types inside it appended (encoding ros2msg).

    `prefixes` are the ament prefixes to search; by default those of AMENT_PREFIX_PATH.

    Raises:
        DefinitionError: names the type that has no definition, and where it was looked for.
    """
    if prefixes is None:
        prefixes = [Path(p) for p in os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep) if p]
    text = _text(type_name, prefixes)
    parts, seen = [text], set()
    waiting = _inner_types(text, type_name)
    while waiting:
        inner = waiting.pop(0)
        if inner not in seen:
            seen.add(inner)
            text = _text(inner, prefixes)
            parts.append(f'{"=" * 80}\nMSG: {inner}\n{text}')
            waiting += _inner_types(text, inner)
    return '\n'.join(parts)


def _text(type_name: str, prefixes: list[Path]) -> str:
    package, *kind, name = type_name.split('/')
    action, _, part = name.rpartition('_')
    if kind == ['action'] and part == 'FeedbackMessage':
        return _FEEDBACK_MESSAGE.format(package=package, action=action)
    if part == 'Feedback' and (file := _find(prefixes, package, f'action/{action}.action')):
        return re.split(r'^---.*$', file.read_text(encoding='utf-8'), flags=re.MULTILINE)[2].lstrip('\n')
    if file := _find(prefixes, package, f'msg/{name}.msg'):
        return file.read_text(encoding='utf-8')
    places = os.pathsep.join(map(str, prefixes)) or 'an empty AMENT_PREFIX_PATH'
    raise DefinitionError(f'no definition of {type_name} in share/{package} of {places}')


def _find(prefixes: list[Path], package: str, file: str) -> Path | None:
    paths = (prefix / 'share' / package / file for prefix in prefixes)
    return next((path for path in paths if path.is_file()), None)


def _inner_types(text: str, within: str) -> list[str]:
    package = within.split('/')[0]
    names = [m[1] for m in map(_FIELD.match, text.splitlines()) if m]
    return [n if '/' in n else f'{package}/{n}' for n in names if not _PRIMITIVE.fullmatch(n)]

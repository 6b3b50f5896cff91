"""Actions of `launch_ros`: nodes, and what holds for all nodes of a scope."""

import os
import re
from pathlib import Path

import yaml
from ament_index_python.packages import PackageNotFoundError, get_package_prefix

from lander_bringup.runner.actions import Execute, action
from lander_bringup.runner.basic_actions import required_templates
from lander_bringup.runner.context import Context
from lander_bringup.runner.document import Entity
from lander_bringup.runner.node_parameters import parse_item
from lander_bringup.runner.plan import Plan
from lander_bringup.runner.problem import LaunchError
from lander_bringup.runner.process_actions import command_line, process_attributes


@action('set_parameter')
def _set_parameter(entity: Entity) -> tuple[Execute, None]:
    name, value = required_templates(entity, 'name', 'value')

    def execute(context: Context, plan: Plan) -> None:
        text = value.perform(context)
        result = yaml.safe_load(text) if text else ''
        if type(result) not in (bool, int, float, str):
            raise LaunchError(f'set_parameter: {text!r} is no single value', value.place)
        context.configurations.setdefault('global_params', []).append((name.perform(context), result))
    return execute, None


@action('set_remap')
def _set_remap(entity: Entity) -> tuple[Execute, None]:
    source, target = required_templates(entity, 'from', 'to')

    def execute(context: Context, plan: Plan) -> None:
        rule = source.perform(context), target.perform(context)
        context.configurations.setdefault('ros_remaps', []).append(rule)
    return execute, None


@action('push_ros_namespace')
def _push_ros_namespace(entity: Entity) -> tuple[Execute, None]:
    namespace, = required_templates(entity, 'namespace')

    def execute(context: Context, plan: Plan) -> None:
        context.configurations['ros_namespace'] = _namespace(context, namespace.perform(context), entity)
    return execute, None


@action('node')
def _node(entity: Entity) -> tuple[Execute, None]:
    package, executable = required_templates(entity, 'pkg', 'exec')
    name, namespace, label = (entity.template(key) for key in ('name', 'namespace', 'exec_name'))
    arguments, ros_arguments = (
        command_line(template) if (template := entity.template(key)) else [] for key in ('args', 'ros_args'))
    remaps = []
    for item in entity.entities('remap'):
        remaps.append(required_templates(item, 'from', 'to'))
        item.finish()
    parameters = [parse_item(item) for item in entity.entities('param')]
    attributes = process_attributes(entity)

    def execute(context: Context, plan: Plan) -> None:
        node = name.perform(context) if name else None
        if node is not None and not re.fullmatch(r'[A-Za-z_]\w*', node, re.ASCII):
            raise LaunchError(f'node: {node!r} is no name for a node', entity.at('name'))
        given = namespace.perform(context) if namespace else None
        space = _namespace(context, given, entity)
        command = [_find(package.perform(context), executable.perform(context), entity)]
        command += [word.perform(context) for word in arguments]
        if ros_arguments:
            command += ['--ros-args'] + [word.perform(context) for word in ros_arguments]
        command += ['--ros-args']
        if node is not None:
            command += ['-r', f'__node:={node}']
        if space is not None:
            command += ['-r', f'__ns:={space}']
        for key, value in context.configurations.get('global_params', []):
            command += ['-p', f'{key}:={value}']
        key = f'{space.rstrip("/")}/{node}' if space is not None and node is not None else '/**'
        shown = label.perform(context) if label else node or executable.perform(context)
        for file_of in parameters:
            command += ['--params-file', str(file_of(context, key, shown))]
        rules = list(context.configurations.get('ros_remaps', []))
        rules += [(source.perform(context), target.perform(context)) for source, target in remaps]
        for source, target in rules:
            command += ['-r', f'{source}:={target}']
        plan.processes.append(attributes.spec(shown, command, context, entity))
    return execute, None


def _namespace(context: Context, namespace: str | None, entity: Entity) -> str | None:
    base = context.configurations.get('ros_namespace')
    if namespace is None:
        result = base
    elif not base or namespace.startswith('/'):
        result = namespace
    else:
        result = f'{base.rstrip("/")}/{namespace}'
    if result is None:
        return None
    result = '/' + result.strip('/') if result != '/' else '/'
    if not re.fullmatch(r'/|(/[A-Za-z_]\w*)+', result, re.ASCII):
        raise LaunchError(f'{result!r} is no namespace', entity.at('namespace'))
    return result


def _find(package: str, executable: str, entity: Entity) -> str:
    try:
        path = Path(get_package_prefix(package)) / 'lib' / package / executable
    except (PackageNotFoundError, ValueError):
        raise LaunchError(f'node: there is no package {package}', entity.at('pkg')) from None
    if not (path.is_file() and os.access(path, os.X_OK)):
        raise LaunchError(f'node: package {package} has no executable {executable}', entity.at('exec'))
    return str(path)

"""What the commands that fly have in common: names of files, and where these are."""

from pathlib import Path

import click

from lander_bringup import places


def launch_file(name: str) -> Path:
    """Return a launch file of the project; end the command if there is none."""
    try:
        return places.launch_file(name)
    except FileNotFoundError as error:
        raise click.ClickException(str(error)) from error


def config() -> Path:
    """Return the folder `config` with the files of flights; end the command if there is none."""
    return launch_file('landing.launch.yaml').parent.parent / 'config'


def check_names(options: dict[str, object]) -> None:
    """End the command if a vehicle, site or scenario of a name in `options` is not there."""
    for option, folder in (('vehicle', 'vehicles'), ('site', 'sites'), ('scenario', 'scenarios')):
        if option not in options:
            continue
        path = config() / folder / f'{options[option]}.yaml'
        if not path.is_file():
            there = ', '.join(sorted(p.stem for p in path.parent.glob('*.yaml')))
            raise click.BadParameter(f'there is no file {path}; there are {there}', param_hint=option)

"""Where the launch files are: in the source tree, or installed with this package."""

from pathlib import Path

from ament_index_python.packages import PackageNotFoundError, get_package_share_directory


def launch_file(name: str) -> Path:
    """Return a launch file of the project.

    Raises:
        FileNotFoundError: neither the source tree nor the installed package has it.
    """
    for folder in _roots():
        path = folder / 'launch' / name
        if path.is_file():
            return path
    raise FileNotFoundError(f'{name} is in none of {", ".join(str(f / "launch") for f in _roots())}')


def _roots() -> list[Path]:
    source = Path(__file__).resolve().parents[3]  # src/lander_bringup/lander_bringup/places.py
    try:
        return [source, Path(get_package_share_directory('lander_bringup'))]
    except PackageNotFoundError:
        return [source]

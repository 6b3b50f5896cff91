"""The command `frigoris recover`."""

from pathlib import Path

import click


@click.command(epilog="""
\b
A recorder that was killed, lost its power or met a full disk leaves a file without an index, and no
metadata.yaml: readers refuse it. This writes such a file anew with every message that is whole in it,
keeps the original beside it as NAME.mcap.cut, and writes metadata.yaml for all files of the bag. Files
that were closed stay as they are. It needs as much free space as the cut file takes.
\b
Lost is what had not been flushed (0.2 s), or after a power failure not been synced (1 s); of a compressed
chunk that is only half there, all of it.
\b
Exit codes:
  0  every bag named can be read, now or already before
  1  one could not be recovered; those named before it are
  2  a path is not there
\b
Examples:
  frigoris recover flights/latest
  frigoris recover flights/20261121T142935Z-nominal/bag
  frigoris recover /media/flight/bag_7.mcap
""")
@click.argument('bags', metavar='BAG...', nargs=-1, required=True,
                type=click.Path(exists=True, path_type=Path))
def recover(bags: tuple[Path, ...]) -> None:
    """Make cut-off bags readable again.

    BAG is a flight folder, a bag folder or an .mcap file; of a split bag, name the folder.
    """
    from lander_telemetry.recovery import recover as rewrite
    for bag in bags:
        try:
            for file in rewrite(bag):
                click.echo(file)
        except (OSError, ValueError) as error:
            raise click.ClickException(str(error)) from error

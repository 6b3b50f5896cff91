"""Run the benchmarks of the packages and keep their figures: results.json beside this file, docs/figures.md.

    python benchmarks/run.py              all that take minutes: src/*/benchmarks/bench_*.py
    python benchmarks/run.py --long       also those that take hours: src/*/benchmarks/long_*.py
    python benchmarks/run.py PATH...      these only; the figures of the others stay

Leave the machine alone meanwhile. Peers take part where they are installed; each script says how.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from lander_common.figures import COLLECTION

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent


def measure(script: Path) -> tuple[list[dict], bool]:
    """Run one script; return its figures, and whether it ended well."""
    with tempfile.TemporaryDirectory() as folder:
        collection = Path(folder, 'figures')
        collection.touch()
        print(f'--- {script.relative_to(ROOT)}', flush=True)
        done = subprocess.run([sys.executable, str(script)], cwd=ROOT, check=False,
                              env={**os.environ, COLLECTION: str(collection)})
        return [json.loads(line) for line in collection.read_text('utf-8').splitlines()], done.returncode == 0


def table(figures: list[dict]) -> str:
    """Return docs/figures.md."""
    lines = ['# Measured figures', '',
             'Made by `make bench` (benchmarks/run.py) on the day of the commit that changed this file.',
             'The ratio is the figure of the peer over ours, measured in the same run.', '',
             '| what | value | peer | its value | ratio | command |', '|---|---:|---|---:|---:|---|']
    for f in figures:
        peer = '' if f['peer_value'] is None else f'{f["peer_value"]:.4g} {f["unit"]}'
        ratio = '' if f['ratio'] is None else f'{f["ratio"]:.3g}'
        lines.append(f'| {f["name"]} | {f["value"]:.4g} {f["unit"]} | {f["peer"]} | {peer} | {ratio} '
                     f'| `{f["command"]}` |')
    return '\n'.join(lines) + '\n'


def main() -> int:
    """Run, and write after each script, so that an end in between costs nothing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument('scripts', nargs='*', type=Path)
    parser.add_argument('--long', action='store_true')
    given = parser.parse_args()
    kinds = ['bench_*.py', 'long_*.py'] if given.long else ['bench_*.py']
    scripts = [p.resolve() for p in given.scripts] or sorted(
        p for kind in kinds for p in ROOT.glob(f'src/*/benchmarks/{kind}'))
    results = HERE / 'results.json'
    figures = json.loads(results.read_text('utf-8')) if results.exists() else []
    failed = []
    for script in scripts:
        new, good = measure(script)
        failed += [] if good else [str(script)]
        names = {f['name'] for f in new}
        figures = [f for f in figures if f['name'] not in names] + new
        figures.sort(key=lambda f: f['command'])
        results.write_text(json.dumps(figures, indent=1) + '\n', 'utf-8')
        (ROOT / 'docs' / 'figures.md').write_text(table(figures), 'utf-8')
    if failed:
        print('failed: ' + ', '.join(failed), file=sys.stderr)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())

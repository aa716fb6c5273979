"""The command `sim`, also as `python -m sim`."""

import sys
import traceback

from sim import portable

CRASHED = 70
"""Exit code of an error in the program itself, as in sysexits.h; runs that failed give 1."""


def main() -> None:
    """Fix how the process computes, then run the command line.

    In this order: the command line imports NumPy, and would do so twice.
    """
    portable.ensure()
    from sim.cli import main as command_line  # noqa: PLC0415

    try:
        command_line()
    except Exception:  # noqa: BLE001 - told whole, and told apart from runs that failed
        traceback.print_exc()
        sys.exit(CRASHED)


if __name__ == "__main__":
    main()

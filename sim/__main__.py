"""The command `sim`, also as `python -m sim`."""

from sim import portable


def main() -> None:
    """Fix how the process computes, then run the command line.

    In this order: the command line imports NumPy, and would do so twice.
    """
    portable.ensure()
    from sim.cli import main as command_line  # noqa: PLC0415

    command_line()


if __name__ == "__main__":
    main()

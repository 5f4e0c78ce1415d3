"""`python -m rosless`. Knows only where the command line is."""

from rosless.cli import main

if __name__ == '__main__':
    main()

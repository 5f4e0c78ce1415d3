"""A command line whose mistakes are one line."""

import argparse
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """Without the usage before an error: `PROGRAM: what is wrong`, of the verb as well."""

    def error(self, message: str) -> NoReturn:
        """Ends with status 2."""
        self.exit(2, f'{self.prog.partition(" ")[0]}: {message}\n')

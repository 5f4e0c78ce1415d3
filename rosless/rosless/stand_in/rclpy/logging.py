"""Loggers: the console format of ROS 2 on stderr, and /rosout. Knows no nodes.

RCUTILS_LOGGING_USE_STDOUT=1 sends the lines to stdout. One line of code logs at one level with one
set of options, as in rclpy: anything else is a ValueError.
"""

import enum
import os
import sys
import time

from rosless.refusal import Partial, lookup

__getattr__ = lookup(__name__)

FILTERS = ('throttle_duration_sec', 'skip_first', 'once')


class LoggingSeverity(enum.IntEnum):
    """Levels of log messages."""

    UNSET = 0
    DEBUG = 10
    INFO = 20
    WARN = 30
    ERROR = 40
    FATAL = 50


_levels = {}  # logger name -> LoggingSeverity; '' is everything


def configure(level, levels):
    """Sets levels from the command line: names of severities, for all and by logger name."""
    _levels.clear()
    _levels[''] = LoggingSeverity[level or 'INFO']
    _levels.update({name: LoggingSeverity[word] for name, word in levels.items()})


def get_logger(name):
    """A logger by its name. Raises ValueError for an empty one."""
    if not name:
        raise ValueError('a logger has a name')
    return Logger(name)


class Logger(Partial):
    """Logs under one name."""

    _absent = frozenset({'get_child', 'is_enabled_for', 'set_level'})

    def __init__(self, name, publish=None):
        self.name = name
        self._publish = publish  # (severity, text, file, function, line), for /rosout
        self._calls = {}  # line of code -> what it logged before

    def get_effective_level(self):
        """The level from which on this logger logs."""
        name = self.name
        while name and name not in _levels:
            name = name.rpartition('.')[0]
        return _levels.get(name, LoggingSeverity.INFO)

    def debug(self, message, **options):
        """Logs at DEBUG. Options: throttle_duration_sec, skip_first, once."""
        return self._log(message, LoggingSeverity.DEBUG, options)

    def info(self, message, **options):
        """Logs at INFO."""
        return self._log(message, LoggingSeverity.INFO, options)

    def warning(self, message, **options):
        """Logs at WARN."""
        return self._log(message, LoggingSeverity.WARN, options)

    warn = warning

    def error(self, message, **options):
        """Logs at ERROR."""
        return self._log(message, LoggingSeverity.ERROR, options)

    def fatal(self, message, **options):
        """Logs at FATAL."""
        return self._log(message, LoggingSeverity.FATAL, options)

    def _log(self, message, severity, options):
        if severity < self.get_effective_level():
            return False
        if not isinstance(message, str):
            raise TypeError(f'a log message is a str, not {type(message).__name__}')
        frame = sys._getframe(2)
        if not self._call(frame, severity, options).passes():
            return False
        _write(severity, self.name, message)
        if self._publish is not None:
            code = frame.f_code
            self._publish(severity, message, code.co_filename, code.co_name, frame.f_lineno)
        return True

    def _call(self, frame, severity, options):
        if unknown := options.keys() - set(FILTERS):
            raise TypeError(f'log options are {", ".join(FILTERS)}, not {", ".join(unknown)}')
        place = (frame.f_code, frame.f_lasti)
        call = self._calls.setdefault(place, _Call(severity, options))
        if (call.severity, call.options) != (severity, options):
            line = f'{frame.f_code.co_filename}:{frame.f_lineno}'
            raise ValueError(f'{line} logged at another level or with other options before')
        return call


class _Call:
    """What one line of code logs, and when it did."""

    def __init__(self, severity, options):
        self.severity, self.options = severity, dict(options)
        self._skip = bool(options.get('skip_first'))
        self._last, self._done = None, False

    def passes(self):
        """Is this message to be shown? Asked once per message: throttle, skip_first, once."""
        return self._throttle() and self._skipped() and self._once()

    def _throttle(self):
        pause = self.options.get('throttle_duration_sec')
        now = time.monotonic()
        if not pause or self._last is None or now - self._last >= pause:
            self._last = now
            return True
        return False

    def _skipped(self):
        skip, self._skip = self._skip, False
        return not skip

    def _once(self):
        done, self._done = self._done, True
        return not (done and self.options.get('once'))


def _write(severity, name, message):
    seconds, rest = divmod(time.time_ns(), 10**9)
    out = sys.stdout if os.environ.get('RCUTILS_LOGGING_USE_STDOUT') == '1' else sys.stderr
    out.write(f'[{severity.name}] [{seconds}.{rest:09}] [{name}]: {message}\n')
    out.flush()

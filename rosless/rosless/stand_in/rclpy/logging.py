"""Loggers: the console format of ROS 2 on stderr, and /rosout. Knows no nodes.

RCUTILS_LOGGING_USE_STDOUT=1 sends the lines to stdout. One line of code logs at one level with one
set of options, as in rclpy: anything else is a ValueError.
"""

import enum
import os
import sys
import time

from rosless.refusal import lookup

from .clock import Clock

__getattr__ = lookup(__name__)

OPTIONS = ('throttle_duration_sec', 'throttle_time_source_type', 'skip_first', 'once')


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


def set_logger_level(name, level):
    """The level from which on a logger logs, and those below it that have none of their own.

    UNSET: as its parent. Raises ValueError: no such level.
    """
    _levels[name] = LoggingSeverity(level)


def get_logger_effective_level(name):
    """The level from which on a logger logs."""
    while name and not _levels.get(name):
        name = name.rpartition('.')[0]
    return _levels.get(name) or LoggingSeverity.INFO


def get_logging_severity_from_string(log_severity):
    """The LoggingSeverity of a name, in whatever case. Raises RuntimeError: there is none."""
    try:
        return LoggingSeverity[log_severity.upper()]
    except KeyError:
        names = ', '.join(LoggingSeverity.__members__)
        raise RuntimeError(f'log level {log_severity!r}: use one of {names}') from None


class Logger:
    """Logs under one name."""

    def __init__(self, name, publish=None):
        self.name = name
        self._publish = publish  # (severity, text, file, function, line), for /rosout
        self._calls = {}  # line of code -> what it logged before

    def get_child(self, name):
        """The logger 'this.name'. Raises ValueError for an empty name."""
        return get_logger(name and f'{self.name}.{name}')

    def set_level(self, level):
        """The level from which on this logger logs; UNSET: as its parent."""
        set_logger_level(self.name, level)

    def get_effective_level(self):
        """The level from which on this logger logs."""
        return get_logger_effective_level(self.name)

    def is_enabled_for(self, severity):
        """Does it log at this level?"""
        return LoggingSeverity(severity) >= self.get_effective_level()

    def log(self, message, severity, **options):
        """Logs at any level. False: an option or the level kept it back.

        Options: throttle_duration_sec with throttle_time_source_type (a Clock), skip_first, once.
        Raises TypeError (unknown option, message not a str), ValueError (options that change).
        """
        return self._log(message, LoggingSeverity(severity), options)

    def debug(self, message, **options):
        """Logs at DEBUG. Options: see log()."""
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
        if unknown := options.keys() - set(OPTIONS):
            raise TypeError(f'log options are {", ".join(OPTIONS)}, not {", ".join(unknown)}')
        chosen = {name: value for name, value in options.items() if value}
        call = self._calls.get(place := (frame.f_code, frame.f_lasti))
        if call is None:
            call = self._calls[place] = _Call(severity, chosen)
        if (call.severity, call.options) != (severity, chosen):
            line = f'{frame.f_code.co_filename}:{frame.f_lineno}'
            raise ValueError(f'{line} logged at another level or with other options before')
        return call


class _Call:
    """What one line of code logs, and when it did."""

    def __init__(self, severity, options):
        clock = options.get('throttle_time_source_type')
        if clock is not None and 'throttle_duration_sec' not in options:
            raise TypeError('throttle_time_source_type goes with throttle_duration_sec')
        if clock is not None and not isinstance(clock, Clock):
            raise ValueError(f'throttle_time_source_type is a Clock, not {clock!r}')
        self.severity, self.options = severity, options
        self._read = time.time_ns if clock is None else lambda: clock.now().nanoseconds
        self._last, self._skipped, self._done = 0, False, False

    def passes(self):
        """Is this message to be shown? Asked once per message: throttle, skip_first, once."""
        return self._throttle() and self._skip() and self._once()

    def _throttle(self):
        pause = self.options.get('throttle_duration_sec')
        if pause and (now := self._read()) >= self._last + pause * 1e9:
            self._last = now
            return True
        return not pause

    def _skip(self):
        skipped, self._skipped = self._skipped, True
        return skipped or 'skip_first' not in self.options

    def _once(self):
        done, self._done = self._done, True
        return not (done and 'once' in self.options)


def _write(severity, name, message):
    seconds, rest = divmod(time.time_ns(), 10**9)
    out = sys.stdout if os.environ.get('RCUTILS_LOGGING_USE_STDOUT') == '1' else sys.stderr
    out.write(f'[{severity.name}] [{seconds}.{rest:09}] [{name}]: {message}\n')
    out.flush()

"""The default context. Knows no nodes."""

from rosless.refusal import lookup, refuse_options

from .context import Context

__getattr__ = lookup(__name__)

_default = None


def get_default_context(*, shutting_down=False):
    """The context that everything uses; `shutting_down` hands it out for the last time."""
    global _default
    if _default is None:
        _default = Context()
    context = _default
    if shutting_down:
        _default = None
    return context


def ok(*, context=None):
    """Is the context initialised and not shut down?"""
    refuse_options('rclpy.ok', context=context)
    return get_default_context().ok()


def shutdown(*, context=None):
    """Shuts the default context down. Raises RuntimeError where it was never initialised."""
    refuse_options('rclpy.shutdown', context=context)
    get_default_context(shutting_down=True).shutdown()


def try_shutdown(*, context=None):
    """Shuts the default context down if it is up."""
    refuse_options('rclpy.try_shutdown', context=context)
    get_default_context(shutting_down=True).try_shutdown()

"""Fast-WAM on a Galaxea R1 Lite."""

from pkgutil import extend_path

# The messages are generated into an installed package of the same name; a source tree on the
# path must not hide them.
__path__ = extend_path(__path__, __name__)

#!/bin/sh
# Installs what headless rendering needs, where that is missing and can be installed.
PACKAGES='libegl1 libgl1-mesa-dri libopengl0'
if [ "$(uname)" = Linux ] && ldconfig -p | grep -q libEGL.so.1 && ldconfig -p | grep -q libOpenGL.so.0
then
    exit 0
fi
if [ "$(id -u)" = 0 ]; then AS=; else AS='sudo -n'; fi
if command -v apt-get >/dev/null && $AS apt-get update -qq >/dev/null 2>&1 &&
    $AS apt-get install -qq -y --no-install-recommends $PACKAGES >/dev/null 2>&1
then
    exit 0
fi
echo "the simulated cameras need EGL: sudo apt-get install --no-install-recommends $PACKAGES" >&2
exit 1

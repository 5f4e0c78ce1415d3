"""Recordings as learning data in LeRobot's formats, and such data driven with again."""

"""Tests of the simulated robot; its URDF is judged here too."""

"""The tiny checkpoint bundle of the demo: made, trained, measured."""

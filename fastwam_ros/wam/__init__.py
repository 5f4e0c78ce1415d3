"""Floor 1: the world-action model, from pictures and a state to a chunk of actions.

Torch lives here. It speaks the units that a checkpoint bundle names and knows no robot and no ROS.
"""

"""What a replay is worth: its chunks beside the person's commands, its plans, its timing.

Everything is read from the output recording alone; nothing that decided it is imported.
"""

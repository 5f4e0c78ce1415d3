"""Floor 3: a bag as a robot and a person at its leader arms leave it, from the simulator."""

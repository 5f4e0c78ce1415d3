"""Random streams, hands and faults against the executor; how near its commands come to a limit."""

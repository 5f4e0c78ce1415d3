"""From which disagreement on a policy is doubted: thresholds from recorded runs that succeeded."""
